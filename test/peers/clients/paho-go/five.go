package main

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"

	"github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho"
	"github.com/gorilla/websocket"
)

// 5.0 by paho.golang.
type five struct{ client *paho.Client }

func dial(c command) (net.Conn, error) {
	target := brokerURL(c)
	switch c.Transport {
	case "tls":
		return tls.Dial("tcp", target.Host, tlsConfig(c))
	case "ws":
		dialer := websocket.Dialer{Subprotocols: []string{"mqtt"}}
		socket, _, err := dialer.Dial(target.String(), http.Header{})
		if err != nil {
			return nil, err
		}
		return packets.NewThreadSafeConn(&frames{Conn: socket.NetConn(), socket: socket}), nil
	default:
		return net.Dial("tcp", target.Host)
	}
}

// A WebSocket as a stream: its messages one after another.
type frames struct {
	net.Conn
	socket  *websocket.Conn
	rest    []byte
	writing sync.Mutex
}

func (f *frames) Read(into []byte) (int, error) {
	for len(f.rest) == 0 {
		_, message, err := f.socket.ReadMessage()
		if err != nil {
			return 0, err
		}
		f.rest = message
	}
	n := copy(into, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

func (f *frames) Write(bytes []byte) (int, error) {
	f.writing.Lock()
	defer f.writing.Unlock()
	return len(bytes), f.socket.WriteMessage(websocket.BinaryMessage, bytes)
}

func (f *five) connect(c command) {
	connection, err := dial(c)
	if err != nil {
		refused(err)
		return
	}
	f.client = paho.NewClient(paho.ClientConfig{
		Conn: connection,
		OnPublishReceived: []func(paho.PublishReceived) (bool, error){func(r paho.PublishReceived) (bool, error) {
			m := r.Packet
			sayMessage(m.Topic, m.Payload, m.QoS, m.Retain)
			return true, nil
		}},
	})
	packet := &paho.Connect{ClientID: c.ClientID, CleanStart: c.Clean, KeepAlive: 60, Properties: &paho.ConnectProperties{}}
	if c.ExpirySeconds > 0 {
		packet.Properties.SessionExpiryInterval = &c.ExpirySeconds
	}
	if c.ReceiveMaximum > 0 {
		packet.Properties.ReceiveMaximum = &c.ReceiveMaximum
	}
	if c.Will != nil {
		packet.WillMessage = &paho.WillMessage{
			Topic: c.Will.Topic, Payload: []byte(c.Will.Payload), QoS: c.Will.Qos, Retain: c.Will.Retain,
		}
		packet.WillProperties = &paho.WillProperties{}
	}
	connack, err := f.client.Connect(context.Background(), packet)
	if err != nil {
		refused(err)
		return
	}
	say(map[string]any{"is": "connected", "sessionPresent": connack.SessionPresent})
}

func (f *five) subscribe(c command) {
	_, err := f.client.Subscribe(context.Background(), &paho.Subscribe{
		Subscriptions: []paho.SubscribeOptions{{Topic: c.Filter, QoS: c.Qos}},
	})
	if err != nil {
		refused(err)
		return
	}
	say(map[string]any{"is": "subscribed"})
}

// One after another: this library says nothing of a message that it sends without waiting.
func (f *five) publish(c command) {
	for _, payload := range payloads(c) {
		packet := &paho.Publish{Topic: c.Topic, QoS: c.Qos, Retain: c.Retain, Payload: payload}
		if _, err := f.client.Publish(context.Background(), packet); err != nil {
			refused(err)
			return
		}
	}
	say(map[string]any{"is": "published"})
}

func (f *five) disconnect() { _ = f.client.Disconnect(&paho.Disconnect{ReasonCode: 0}) }
