#include "delivery.h"

#define S DELIVER_NOT
#define E DELIVER_BOUNCE
#define O DELIVER_STORE
#define D DELIVER_TO_IT
#define M DELIVER_TO_BEST
#define A DELIVER_TO_ALL

/* Where the RFC leaves a choice: an error rather than silence, so that a
 * sender knows; storing rather than an error; and one resource, so that what
 * it does not acknowledge can go to another without being there twice. */
static const enum delivery table[ACCOUNT_STATES][ADDRESS_FORMS]
				[MESSAGE_TYPES] = {
	/*                      normal chat groupchat headline error */
	[ACCOUNT_UNKNOWN] = {
		[ADDRESS_BARE] =     { E, E, E, S, S },
		[ADDRESS_MATCH] =    { E, E, E, E, S }, /* cannot be */
		[ADDRESS_NO_MATCH] = { E, E, E, E, S },
	},
	[ACCOUNT_AWAY] = {
		[ADDRESS_BARE] =     { O, O, E, S, S },
		[ADDRESS_MATCH] =    { D, D, D, D, D },
		[ADDRESS_NO_MATCH] = { E, O, E, E, S },
	},
	[ACCOUNT_PRESENT] = {
		[ADDRESS_BARE] =     { M, M, E, A, S },
		[ADDRESS_MATCH] =    { D, D, D, D, D },
		[ADDRESS_NO_MATCH] = { E, M, E, E, S },
	},
};

enum delivery delivery_of(enum delivery_account account,
	enum delivery_address address, enum delivery_type type)
{
	return table[account][address][type];
}

enum delivery_type delivery_type_of(const struct xml_element *message)
{
	static const char *const names[MESSAGE_TYPES] = {
		[MESSAGE_NORMAL] = "normal",
		[MESSAGE_CHAT] = "chat",
		[MESSAGE_GROUPCHAT] = "groupchat",
		[MESSAGE_HEADLINE] = "headline",
		[MESSAGE_ERROR] = "error",
	};
	enum delivery_type type = MESSAGE_CHAT;
	while (type < MESSAGE_TYPES &&
		!xml_element_attr_is(message, "type", names[type]))
		type++;
	return type < MESSAGE_TYPES ? type : MESSAGE_NORMAL;
}
