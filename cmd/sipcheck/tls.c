/* Versions, chain, names and days of the certificates (RFC 5922). */
#include "sipcheck.h"

#include "base/clock.h"
#include "net/tls_probe.h"

#define DAY (86400 * USEC_SEC)
/* Before it expires somebody should know. */
#define DAYS_TO_WARN 14

struct probing {
	bool is_over;
	struct tls_probed found;
};

static void probed(void *arg, const struct tls_probed *found)
{
	struct probing *p = arg;

	p->found = *found;
	p->is_over = true;
}

static bool is_probed(void *arg)
{
	const struct probing *p = arg;

	return p->is_over;
}

static void judge_certificate(
	struct sipcheck *c, const struct tls_probed *found)
{
	char date[CLOCK_TEXT_SIZE];
	long long days;

	if (err_is_set(&found->refused))
		finding_add(&c->findings, FINDING_ERROR, "certificate", NULL,
			"%s", found->refused.text);
	else
		finding_add(&c->findings, FINDING_OK, "certificate", NULL,
			"its chain and name are good, by %s with %s",
			found->version, found->cipher);
	if (!found->has_times)
		return;
	clock_format(date, found->until);
	days = (found->until - loop_wall(c->run->loop)) / DAY;
	if (days < 0)
		return; /* the sentence above has it */
	finding_add(&c->findings,
		days < DAYS_TO_WARN ? FINDING_WARNING : FINDING_OK,
		"certificate", days < DAYS_TO_WARN ? "renew it" : NULL,
		"it is valid for %lld days, until %.10s", days, date);
}

static void judge_versions(struct sipcheck *c, const struct tls_probed *found)
{
	bool is_modern = false;

	for (unsigned i = 0; i < TLS_PROBE_VERSIONS; i++) {
		const char *name = tls_probe_version_name(i);
		if (i >= 2) {
			is_modern = is_modern || found->accepts[i];
			finding_add(&c->findings, FINDING_OK, "tls", NULL,
				"%s is %s", name,
				found->accepts[i] ? "accepted" : "not there");
		} else if (found->accepts[i]) {
			finding_add(&c->findings, FINDING_WARNING, "tls",
				"allow TLS 1.2 and 1.3 only (RFC 8996)",
				"%s is still accepted", name);
		}
	}
	if (!is_modern)
		finding_add(&c->findings, FINDING_ERROR, "tls",
			"clients of today speak nothing older",
			"neither TLS 1.2 nor 1.3 is accepted");
}

static void check_place(struct sipcheck *c, const struct place *p)
{
	const struct tls_options *o = &c->agent.account.tls;
	struct probing probing = { .is_over = false };
	struct err e = ERR_NONE;
	struct tls_probe_settings s = { .loop = c->run->loop,
		.address = p->target.address,
		.peer = { .naming = TLS_NAMING_SIP,
			.name = o->tls_name ? o->tls_name : p->target.name },
		.trust = { .insecure = o->insecure,
			.ca_file = o->ca,
			.cert_file = o->cert,
			.key_file = o->key,
			.pin = o->pin },
		.patience = c->options->reply_wait };
	struct tls_probe *probe = tls_probe_new(&s, probed, &probing, &e);

	if (!probe) {
		finding_add(
			&c->findings, FINDING_ERROR, "tls", NULL, "%s", e.text);
		return;
	}
	if (!wait_until(c, is_probed, &probing)) {
		if (!probing.is_over)
			tls_probe_cancel(probe);
		return;
	}
	/* Where nobody is at home, the check before this one has said so. */
	if (err_is_set(&probing.found.refused) &&
		probing.found.refused.status != STATUS_TLS)
		return;
	judge_certificate(c, &probing.found);
	judge_versions(c, &probing.found);
}

void check_tls(struct sipcheck *c)
{
	for (size_t i = 0; i < c->place_count && !c->is_over; i++) {
		enum sip_transport_kind kind = c->places[i].target.kind;
		if (kind != SIP_TRANSPORT_TLS && kind != SIP_TRANSPORT_WSS)
			continue;
		look_at(c, &c->places[i]);
		check_place(c, &c->places[i]);
	}
	look_at(c, NULL);
}
