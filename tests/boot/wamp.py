#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""As much of a WAMP router as labgrid's coordinator leans on, over loopback.

Until version 24 labgrid's processes meet in one, and Debian has none.  It
knows sessions, calls and topics by their exact names, and refuses nobody.
lab.py starts it; it says its port, and lives until it is stopped.
"""

import asyncio
import itertools
import json

from autobahn.asyncio.websocket import (WebSocketServerFactory,
                                        WebSocketServerProtocol)

# Message types, as WAMP numbers them.
(HELLO, WELCOME, GOODBYE, ERROR, PUBLISH, PUBLISHED, SUBSCRIBE, SUBSCRIBED,
 EVENT, CALL, RESULT, REGISTER, REGISTERED, INVOCATION, YIELD) = (
     1, 2, 6, 8, 16, 17, 32, 33, 36, 48, 50, 64, 65, 68, 70)
KILL = "wamp.session.kill"
ROLES = {"broker": {"features": {}}, "dealer": {"features": {}}}

numbers = itertools.count(1)
topics = {}         # name: (number, sessions)
procedures = {}     # name: (number, session)
sessions = {}       # number: session
waiting = {}        # number of an invocation: (caller, its request, callee)


def publish(topic, rest, but=None):
    number, subscribers = topics.get(topic, (0, []))
    for session in subscribers:
        if session is not but:
            session.say(EVENT, number, next(numbers), {}, *rest)


class Session(WebSocketServerProtocol):
    """One connection; a message's type names its method."""

    number = None

    def say(self, *message):
        self.sendMessage(json.dumps(message).encode())

    def onConnect(self, request):  # pylint: disable=invalid-name
        return "wamp.2.json"

    def onMessage(self, payload, is_binary):  # pylint: disable=invalid-name
        kind, *words = json.loads(payload)
        {HELLO: self.hello, GOODBYE: self.goodbye, SUBSCRIBE: self.subscribe,
         PUBLISH: self.publish, REGISTER: self.register, CALL: self.call,
         YIELD: self.answer, ERROR: self.refuse}[kind](*words)

    def hello(self, _, details):
        self.number = next(numbers)
        sessions[self.number] = self
        about = {"authid": details.get("authid", ""), "authrole": "anonymous",
                 "authmethod": "anonymous"}
        self.say(WELCOME, self.number, {"roles": ROLES, **about})
        publish("wamp.session.on_join",
                [[{"session": self.number, **about}]])

    def goodbye(self, *_):
        self.say(GOODBYE, {}, "wamp.close.goodbye_and_out")

    def onClose(self, *_):  # pylint: disable=invalid-name
        if sessions.pop(self.number, None) is None:
            return
        for _, subscribers in topics.values():
            if self in subscribers:
                subscribers.remove(self)
        for name in [name for name, (_, session) in procedures.items()
                     if session is self]:
            del procedures[name]
        for key, (caller, request, callee) in list(waiting.items()):
            if callee is self:
                del waiting[key]
                caller.say(ERROR, CALL, request, {}, "wamp.error.canceled")
        publish("wamp.session.on_leave", [[self.number]])

    def subscribe(self, request, _, topic):
        number, subscribers = topics.setdefault(topic, (next(numbers), []))
        subscribers.append(self)
        self.say(SUBSCRIBED, request, number)

    def publish(self, request, options, topic, *rest):
        publish(topic, rest, but=self)
        if options.get("acknowledge"):
            self.say(PUBLISHED, request, next(numbers))

    def register(self, request, _, name):
        procedures[name] = next(numbers), self
        self.say(REGISTERED, request, procedures[name][0])

    def call(self, request, _, name, *rest):
        if name == KILL:
            if session := sessions.get(rest[0][0]):
                session.sendClose()
            self.say(RESULT, request, {})
        elif name not in procedures:
            self.say(ERROR, CALL, request, {}, "wamp.error.no_such_procedure")
        else:
            number, callee = procedures[name]
            key = next(numbers)
            waiting[key] = self, request, callee
            callee.say(INVOCATION, key, number, {"caller": self.number}, *rest)

    def answer(self, key, _, *rest):
        caller, request, _ = waiting.pop(key)
        caller.say(RESULT, request, {}, *rest)

    def refuse(self, _, key, details, *rest):
        caller, request, _ = waiting.pop(key)
        caller.say(ERROR, CALL, request, details, *rest)


async def main():
    factory = WebSocketServerFactory()
    factory.protocol = Session
    server = await asyncio.get_running_loop().create_server(
        factory, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
