"""paho-mqtt of PyPI."""

import json
import os
import sys
import threading

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

lock = threading.Lock()


def say(**answer):
    answer = {key.rstrip("_"): value for key, value in answer.items()}
    with lock:
        print(json.dumps(answer), flush=True)


class Peer:
    def connect(self, told):
        five = told["version"] == 5
        self.client = client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=told["clientId"],
            protocol=MQTTProtocolVersion.MQTTv5 if five else MQTTProtocolVersion.MQTTv311,
            transport="websockets" if told["transport"] == "ws" else "tcp",
            reconnect_on_failure=False,
            **({} if five else {"clean_session": told["clean"]}),
        )
        # As many as are asked for: the default of 20 is the library's own.
        client.max_inflight_messages_set(1000)
        if told["transport"] == "tls":
            client.tls_set(ca_certs=told["ca"])
        if will := told.get("will"):
            client.will_set(will["topic"], will["payload"], will["qos"], will["retain"])
        client.on_connect = self.connected
        client.on_message = lambda _client, _data, message: say(
            is_="message",
            topic=message.topic,
            payload=message.payload.decode(),
            qos=message.qos,
            retain=bool(message.retain),
        )
        client.on_subscribe = lambda *_: say(is_="subscribed")
        options = {}
        if five:
            properties = Properties(PacketTypes.CONNECT)
            if told.get("expirySeconds"):
                properties.SessionExpiryInterval = told["expirySeconds"]
            if told.get("receiveMaximum"):
                properties.ReceiveMaximum = told["receiveMaximum"]
            options = {"clean_start": told["clean"], "properties": properties}
        client.connect(told["host"], told["port"], **options)
        client.loop_start()

    def connected(self, _client, _data, flags, reason, _properties):
        if reason.is_failure:
            say(is_="refused", why=str(reason))
        else:
            say(is_="connected", sessionPresent=flags.session_present)

    def subscribe(self, told):
        self.client.subscribe(told["filter"], told["qos"])

    def publish(self, told):
        count = told["count"]
        payloads = [f"{told['prefix']}{n}" for n in range(count)] if count else [""]
        sent = [self.client.publish(told["topic"], p, told["qos"], told["retain"]) for p in payloads]
        for message in sent:
            message.wait_for_publish(30)
        say(is_="published")

    def disconnect(self, _told):
        gone = threading.Event()
        self.client.on_disconnect = lambda *_: gone.set()
        self.client.disconnect()
        gone.wait(10)
        say(is_="disconnected")
        os._exit(0)


peer = Peer()
for line in sys.stdin:
    told = json.loads(line)
    getattr(peer, told["do"])(told)
os._exit(0)
