/* ns - the XML namespaces of XMPP, each spelled once */
#ifndef XMPP_NS_H
#define XMPP_NS_H

/* RFC 6120 sections 4.8, 5, 6, 7, 8.3 */
#define XMPP_NS_STREAM "http://etherx.jabber.org/streams"
#define XMPP_NS_CLIENT "jabber:client"
#define XMPP_NS_SERVER "jabber:server"
#define XMPP_NS_STREAM_ERROR "urn:ietf:params:xml:ns:xmpp-streams"
#define XMPP_NS_STANZA_ERROR "urn:ietf:params:xml:ns:xmpp-stanzas"
#define XMPP_NS_TLS "urn:ietf:params:xml:ns:xmpp-tls"
#define XMPP_NS_SASL "urn:ietf:params:xml:ns:xmpp-sasl"
#define XMPP_NS_BIND "urn:ietf:params:xml:ns:xmpp-bind"

/* RFC 6121; RFC 3921 section 3; RFC 7395 */
#define XMPP_NS_ROSTER "jabber:iq:roster"
#define XMPP_NS_SESSION "urn:ietf:params:xml:ns:xmpp-session"
#define XMPP_NS_FRAMING "urn:ietf:params:xml:ns:xmpp-framing"

/* XEPs 0124 and 0206 */
#define XMPP_NS_BOSH "http://jabber.org/protocol/httpbind"
#define XMPP_NS_XBOSH "urn:xmpp:xbosh"

/* XEPs 0004, 0030, 0059, 0114, 0184, 0198, 0199, 0203, 0280, 0297, 0308, 0313,
 * 0333, 0352, 0359, 0440 */
#define XMPP_NS_DATA "jabber:x:data"
#define XMPP_NS_RSM "http://jabber.org/protocol/rsm"
#define XMPP_NS_CORRECT "urn:xmpp:message-correct:0"
#define XMPP_NS_MAM "urn:xmpp:mam:2"
#define XMPP_NS_CSI "urn:xmpp:csi:0"
#define XMPP_NS_DISCO_INFO "http://jabber.org/protocol/disco#info"
#define XMPP_NS_DISCO_ITEMS "http://jabber.org/protocol/disco#items"
#define XMPP_NS_COMPONENT "jabber:component:accept"
#define XMPP_NS_RECEIPTS "urn:xmpp:receipts"
#define XMPP_NS_MARKERS "urn:xmpp:chat-markers:0"
#define XMPP_NS_SM "urn:xmpp:sm:3"
#define XMPP_NS_PING "urn:xmpp:ping"
#define XMPP_NS_DELAY "urn:xmpp:delay"
#define XMPP_NS_MUC "http://jabber.org/protocol/muc"
#define XMPP_NS_MUC_USER "http://jabber.org/protocol/muc#user"
#define XMPP_NS_MUC_ADMIN "http://jabber.org/protocol/muc#admin"
#define XMPP_NS_MUC_OWNER "http://jabber.org/protocol/muc#owner"
#define XMPP_NS_CONFERENCE "jabber:x:conference"
#define XMPP_NS_CARBONS "urn:xmpp:carbons:2"
#define XMPP_NS_FORWARD "urn:xmpp:forward:0"
#define XMPP_NS_SID "urn:xmpp:sid:0"
#define XMPP_NS_CHANNEL_BINDING "urn:xmpp:sasl-cb:0"

/* XEPs 0386, 0388, 0484 */
#define XMPP_NS_BIND2 "urn:xmpp:bind:0"
#define XMPP_NS_SASL2 "urn:xmpp:sasl:2"
#define XMPP_NS_FAST "urn:xmpp:fast:0"

/* XEPs 0066, 0334, 0424, 0428, 0444, 0461, 0478 */
#define XMPP_NS_OOB "jabber:x:oob"
#define XMPP_NS_HINTS "urn:xmpp:hints"
#define XMPP_NS_RETRACT "urn:xmpp:message-retract:1"
#define XMPP_NS_FALLBACK "urn:xmpp:fallback:0"
#define XMPP_NS_REACTIONS "urn:xmpp:reactions:0"
#define XMPP_NS_REPLY "urn:xmpp:reply:0"
#define XMPP_NS_LIMITS "urn:xmpp:stream-limits:0"

/* XEP-0156: XRD 1.0 */
#define XMPP_NS_XRD "http://docs.oasis-open.org/ns/xri/xrd-1.0"

#endif
