#!/usr/bin/python3
"""tests/peers/slixmpp.py JID PASSWORD PORT CA - slixmpp as the other side

A client at 127.0.0.1:PORT that prints what comes as JSON, an object a line
with `what`, first {"what": "ready"}.  Each line of its stdin is a number and an expression
of Python, in which `me` is the client; one that is awaitable is awaited, and
its value is printed as {"what": "done", "value": ..., "number": ...}.
"""
import asyncio
import inspect
import json
import os
import sys

# This file has the name of what it imports.
sys.path.pop(0)
import slixmpp  # noqa: E402

PLUGINS = """xep_0030 xep_0045 xep_0060 xep_0085 xep_0115 xep_0118 xep_0163
    xep_0184 xep_0199 xep_0280 xep_0308 xep_0333 xep_0359 xep_0444"""


class Client(slixmpp.ClientXMPP):
    def __init__(self, jid, password, ca):
        super().__init__(jid, password)
        self.ca_certs = ca
        self.input = b""
        self.marks = False  # answers every markable message as displayed
        for name in PLUGINS.split():
            self.register_plugin(name)
        self.add_event_handler("session_start", self.begin)
        self.add_event_handler("message", self.on_message)
        self.add_event_handler("groupchat_message", self.on_message)
        self.add_event_handler("groupchat_subject", self.on_message)
        for what in ("presence", "groupchat_presence"):
            self.add_event_handler(what, self.on_presence)
        for what in ("receipt_received", "marker_displayed", "reactions",
                     "carbon_sent", "carbon_received", "message_correction"):
            self.add_event_handler(
                what, lambda m, what=what: self.on_event(what, m))
        self.add_event_handler("roster_update", self.on_roster)
        self.add_event_handler("user_tune_publish", self.on_tune)
        self.add_event_handler("failed_auth", self.leave)
        self.add_event_handler("disconnected", self.leave)

    def say(self, what, **more):
        print(json.dumps({"what": what, **more}), flush=True)

    def leave(self, _):
        self.loop.stop()

    async def begin(self, _):
        await self.get_roster()
        await self["xep_0280"].enable()
        self.send_presence()
        self.say("ready", jid=self.boundjid.full)
        self.loop.add_reader(0, self.on_input)

    def join(self, room, nick):  # without waiting for a subject
        asyncio.ensure_future(
            self["xep_0045"].join_muc_wait(room, nick, timeout=None))

    @staticmethod
    def fields(m):
        return {"from": str(m["from"]), "to": str(m["to"]), "id": m["id"],
                "type": m["type"], "body": m["body"],
                "subject": m["subject"]}

    def on_message(self, m):
        self.say("message", **self.fields(m))
        if self.marks and m.xml.find("{urn:xmpp:chat-markers:0}markable") \
                is not None:
            self["xep_0333"].send_marker(m["from"], m["id"], "displayed")

    def on_event(self, what, m):
        more = {"receipt": m["receipt"]} if what == "receipt_received" else {
            "marked": m["displayed"]["id"]} if what == "marker_displayed" \
            else {"emoji": sorted(m["reactions"]["values"]),
                  "of": m["reactions"]["id"]} if what == "reactions" \
            else {"replaces": m["replace"]["id"]} \
            if what == "message_correction" \
            else self.fields(m[what])
        self.say(what, **{**self.fields(m), **more})

    def on_presence(self, p):
        self.say("presence", **{"from": str(p["from"]), "type": p["type"],
                                "show": p["show"], "status": p["status"]})

    def on_roster(self, iq):
        for jid, item in iq["roster"]["items"].items():
            self.say("roster", jid=str(jid), name=item["name"],
                     groups=sorted(item["groups"]),
                     subscription=item["subscription"])

    def on_tune(self, m):
        tune = m["pubsub_event"]["items"]["item"]["tune"]
        self.say("tune", **{"from": str(m["from"]), "title": tune["title"]})

    def on_input(self):
        data = os.read(0, 65536)
        if not data:
            self.loop.remove_reader(0)
            self.disconnect()
        *lines, self.input = (self.input + data).split(b"\n")
        for line in lines:
            asyncio.ensure_future(self.do(*line.decode().split(" ", 1)))

    async def do(self, number, text):
        try:
            value = eval(text, {"me": self})  # the test's own words
            if inspect.isawaitable(value):
                value = await value
            self.say("done", value=str(value), number=int(number))
        except Exception as e:
            self.say("failed", why=repr(e), text=text, number=int(number))


def main(jid, password, port, ca):
    client = Client(jid, password, ca)
    if "host" in inspect.signature(client.connect).parameters:  # 1.9 and later
        client.enable_direct_tls = client.enable_plaintext = False
        client.connect("127.0.0.1", int(port))
    else:
        client.connect(("127.0.0.1", int(port)), force_starttls=True)
    client.loop.run_forever()


main(*sys.argv[1:])
