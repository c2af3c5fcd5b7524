#include "subscription.h"

#include <string.h>

static const char *const names[] = {
	[STEP_SUBSCRIBE] = "subscribe",
	[STEP_SUBSCRIBED] = "subscribed",
	[STEP_UNSUBSCRIBE] = "unsubscribe",
	[STEP_UNSUBSCRIBED] = "unsubscribed",
};

const char *subscription_step_text(enum subscription_step step)
{
	return names[step];
}

enum subscription_step subscription_step_of(const char *type)
{
	enum subscription_step step = STEP_SUBSCRIBE;
	while (step < STEP_NONE && (!type || strcmp(type, names[step]) != 0))
		step++;
	return step;
}

/* Tables 2 to 5, as what they have in common. */
bool subscription_out(unsigned *state, enum subscription_step step)
{
	unsigned before = *state;
	switch (step) {
	case STEP_SUBSCRIBE:
		if (!(before & SUB_TO))
			*state |= SUB_OUT;
		return true;
	case STEP_UNSUBSCRIBE:
		*state &= ~(unsigned)(SUB_TO | SUB_OUT);
		return true;
	case STEP_SUBSCRIBED:
		/* Without a request it would be a pre-approval (section 3.4),
		 * which is not offered. */
		if (before & SUB_IN)
			*state = (before & ~(unsigned)SUB_IN) | SUB_FROM;
		break;
	case STEP_UNSUBSCRIBED:
		*state &= ~(unsigned)(SUB_FROM | SUB_IN);
		break;
	case STEP_NONE:
		break;
	}
	return *state != before;
}

/* Tables 6 to 9. */
bool subscription_in(unsigned *state, enum subscription_step step,
	enum subscription_step *answer)
{
	unsigned before = *state;
	*answer = STEP_NONE;
	switch (step) {
	case STEP_SUBSCRIBE:
		if (before & SUB_FROM)
			*answer = STEP_SUBSCRIBED;
		else
			*state |= SUB_IN;
		break;
	case STEP_UNSUBSCRIBE:
		*state &= ~(unsigned)(SUB_FROM | SUB_IN);
		if (*state != before)
			*answer = STEP_UNSUBSCRIBED;
		break;
	case STEP_SUBSCRIBED:
		if (before & SUB_OUT)
			*state = (before & ~(unsigned)SUB_OUT) | SUB_TO;
		break;
	case STEP_UNSUBSCRIBED:
		*state &= ~(unsigned)(SUB_TO | SUB_OUT);
		break;
	case STEP_NONE:
		break;
	}
	return *state != before;
}
