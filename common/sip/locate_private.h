/* locate_private - what the files of sip/locate share, and nobody else
 *
 * locate.c is its beginning and end, locate_ask.c the questions in between,
 * locate_parts.c what needs no question.
 */
#ifndef SIP_LOCATE_PRIVATE_H
#define SIP_LOCATE_PRIVATE_H

#include "sip/enum.h"
#include "sip/locate_parts.h"

#define SIP_LOCATE_NAME_ROOM (SIP_LOCATE_NAME_MAX + 2)
/* Transports and NAPTR records that are followed. */
#define SIP_LOCATE_SERVICES_MAX 8

/* SRV records that are to be asked for. */
struct sip_locate_srv {
	enum sip_transport_kind kind;
	char name[SIP_LOCATE_NAME_ROOM];
};

/* A name whose addresses are to be asked for. */
struct sip_locate_place {
	uint16_t port;
	char name[SIP_LOCATE_NAME_ROOM];
};

struct sip_locate {
	struct sip_locate_settings s;
	sip_locate_done *done;
	void *arg;
	struct timer *timer; /* the deadline, or for what is known at once */
	struct query *query;
	char asking[SIP_LOCATE_NAME_ROOM]; /* the name of the query */
	struct sip_enum *number;
	char *uri; /* what ENUM gave */
	struct err e;
	bool is_secure;
	char host[SIP_LOCATE_NAME_ROOM];
	struct sip_locate_srv services[SIP_LOCATE_SERVICES_MAX];
	size_t service_count, service_next;
	bool has_srv;     /* of any of them */
	bool is_fallback; /* the host itself has been asked for */
	bool is_denied;   /* "." of an SRV record: it is not offered */
	struct sip_locate_place *places; /* of the SRV records at hand */
	size_t place_count, place_next;
	/* Of the records that are asked for now. */
	enum sip_transport_kind kind;
	uint16_t port;
	struct sip_target targets[SIP_TARGETS_MAX];
	size_t count;
};

/* Adds a target of the present kind and port, where there is room. */
void sip_locate_add(struct sip_locate *l, const struct endpoint *address);
void sip_locate_end(struct sip_locate *l); /* l is gone */

/* The first question: each goes on by itself until sip_locate_end. */
void sip_locate_ask_naptr(struct sip_locate *l);
void sip_locate_ask_srv(struct sip_locate *l, enum sip_transport_kind kind);
void sip_locate_ask_host(struct sip_locate *l);

#endif
