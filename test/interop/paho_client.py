"""Drives paho-mqtt against a broker: prints OK, or fails with what went wrong. Arguments: port."""
import sys
import threading
import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

PORT = int(sys.argv[1])
WAIT_SECONDS = 20


class Peer:
    def __init__(self, client_id, protocol, clean=True, will=None):
        self.protocol = protocol
        self.messages = []
        self.arrived = threading.Condition()
        self.connected = threading.Event()
        self.subscribed = threading.Event()
        self.session_present = None
        five = protocol == paho.MQTTv5
        self.client = paho.Client(
            paho.CallbackAPIVersion.VERSION2, client_id=client_id, protocol=protocol,
            **({} if five else {"clean_session": clean}))
        self.client.on_connect = self.on_connect
        self.client.on_message = self.on_message
        self.client.on_subscribe = lambda *_: self.subscribed.set()
        self.client.max_inflight_messages_set(100)
        if will:
            self.client.will_set(*will)
        properties = None
        if five and not clean:
            properties = Properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = 600
        extra = {"clean_start": clean, "properties": properties} if five else {}
        self.client.connect("127.0.0.1", PORT, **extra)
        self.client.loop_start()
        assert self.connected.wait(WAIT_SECONDS), "no CONNACK"

    def on_connect(self, _client, _data, flags, reason, _properties):
        assert not reason.is_failure, reason
        self.session_present = flags.session_present
        self.connected.set()

    def on_message(self, _client, _data, message):
        with self.arrived:
            self.messages.append((message.topic, message.payload.decode(), message.qos, message.retain))
            self.arrived.notify_all()

    def subscribe(self, topic, qos):
        self.subscribed.clear()
        self.client.subscribe(topic, qos)
        assert self.subscribed.wait(WAIT_SECONDS), "no SUBACK"

    def publish(self, topic, payload, qos, retain=False):
        self.client.publish(topic, payload, qos, retain).wait_for_publish(WAIT_SECONDS)

    def expect(self, payloads):
        with self.arrived:
            full = self.arrived.wait_for(lambda: len(self.messages) >= len(payloads), WAIT_SECONDS)
            got = [message[1] for message in self.messages]
            assert full and got == payloads, f"{got} instead of {payloads}"

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()


def run(protocol, name):
    for qos in (0, 1, 2):
        topic = f"paho/{name}/{qos}"
        subscriber, publisher = Peer(f"s{name}{qos}", protocol), Peer(f"p{name}{qos}", protocol)
        subscriber.subscribe(topic, qos)
        sent = [str(index) for index in range(100)]
        for payload in sent:
            publisher.client.publish(topic, payload, qos)
        subscriber.expect(sent)
        subscriber.close()
        publisher.close()

    publisher = Peer(f"r{name}", protocol)
    publisher.publish(f"paho/{name}/retained", "kept", 1, True)
    late = Peer(f"l{name}", protocol)
    late.subscribe(f"paho/{name}/retained", 1)
    late.expect(["kept"])
    assert late.messages[0][3], "RETAIN is not set"
    late.close()

    watcher = Peer(f"w{name}", protocol)
    watcher.subscribe(f"paho/{name}/will", 1)
    dying = Peer(f"d{name}", protocol, will=(f"paho/{name}/will", "dead", 1))
    dying.client.loop_stop()
    dying.client.socket().close()
    watcher.expect(["dead"])
    watcher.close()

    resumed = Peer(f"c{name}", protocol, clean=False)
    assert not resumed.session_present
    resumed.subscribe(f"paho/{name}/resumed", 2)
    resumed.close()
    for index in range(3):
        publisher.publish(f"paho/{name}/resumed", str(index), 2)
    again = Peer(f"c{name}", protocol, clean=False)
    assert again.session_present, "the session is gone"
    again.expect(["0", "1", "2"])
    again.close()
    publisher.close()


run(paho.MQTTv311, "311")
run(paho.MQTTv5, "5")
print("OK")
