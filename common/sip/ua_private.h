/* ua_private - the user agent's inside, for those that live on it
 *
 * What is made on a user agent (requests, sessions) is its child: freed with
 * it, without a word to anybody.
 */
#ifndef SIP_UA_PRIVATE_H
#define SIP_UA_PRIVATE_H

#include "sip/ua.h"

#define SIP_STATELESS_TAG 12

struct sip_ua {
	struct sip_ua_settings s;
	struct sip_transactions *transactions;
	struct {
		sip_ua_request *handler;
		void *arg;
	} served[SIP_METHOD_COUNT];
	uint32_t methods; /* 1 << SIP_METHOD_X: what Allow says */
	struct map dialogs;
	struct link children, awaited;
	char *routes[SIP_ROUTES_MAX]; /* whole values: the service route */
	size_t route_count;
	bool is_outbound;
	struct sip_scan scan; /* of a request that is being answered */
	char tag[SIP_STATELESS_TAG + 1];
};

struct sip_ua_child {
	struct link link;
	void (*gone)(struct sip_ua_child *child); /* frees it */
};

void sip_ua_add_child(struct sip_ua *ua, struct sip_ua_child *child,
	void (*gone)(struct sip_ua_child *child));

/* The whole response, as sip_ua_reply sends it: for those who send it again. */
bool sip_ua_compose_reply(struct buf *out, struct sip_ua *ua,
	struct sip_server *s, unsigned code, const struct sip_reply *reply);

#endif
