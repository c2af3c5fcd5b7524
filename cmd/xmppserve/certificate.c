#include "certificate.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "net/tls.h"
#include "xmpp/prep.h"

#define DAYS 30
#define NAME_MAX_BYTES 255

static bool make_folder(struct certificate *c, struct err *e)
{
	const char *tmp = getenv("TMPDIR");
	char *folder =
		mem_format("%s/xmppserve.XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(folder)) {
		err_errno(e, STATUS_LOCAL_IO, errno, "%s", folder);
		mem_free(folder);
		return false;
	}
	*c = (struct certificate){
		.folder = folder,
		.ca = mem_format("%s/ca.pem", folder),
		.cert = mem_format("%s/cert.pem", folder),
		.key = mem_format("%s/key.pem", folder),
	};
	return true;
}

bool certificate_make(
	struct certificate *c, struct span domain, usec_t wall, struct err *e)
{
	struct buf name = BUF_INIT(NAME_MAX_BYTES);
	bool good = xmpp_prep_domain_ascii(&name, domain, e) &&
		    make_folder(c, e) &&
		    tls_make_certificate((const char *[]){ buf_text(&name) }, 1,
			    c->ca, c->cert, c->key, wall, DAYS, e);
	buf_clear(&name);
	return good;
}

void certificate_remove(struct certificate *c)
{
	if (!c->folder)
		return;
	unlink(c->ca);
	unlink(c->cert);
	unlink(c->key);
	rmdir(c->folder);
	mem_free(c->ca);
	mem_free(c->cert);
	mem_free(c->key);
	mem_free(c->folder);
	*c = (struct certificate){ 0 };
}
