package main

import mqtt "github.com/eclipse/paho.mqtt.golang"

// 3.1.1 by paho.mqtt.golang.
type three struct{ client mqtt.Client }

func (t *three) connect(c command) {
	options := mqtt.NewClientOptions().
		AddBroker(brokerURL(c).String()).
		SetClientID(c.ClientID).
		SetCleanSession(c.Clean).
		SetProtocolVersion(4).
		SetAutoReconnect(false).
		SetTLSConfig(tlsConfig(c)).
		SetDefaultPublishHandler(func(_ mqtt.Client, m mqtt.Message) {
			sayMessage(m.Topic(), m.Payload(), m.Qos(), m.Retained())
		})
	if c.Will != nil {
		options.SetWill(c.Will.Topic, c.Will.Payload, c.Will.Qos, c.Will.Retain)
	}
	t.client = mqtt.NewClient(options)
	token := t.client.Connect().(*mqtt.ConnectToken)
	token.Wait()
	if err := token.Error(); err != nil {
		refused(err)
		return
	}
	say(map[string]any{"is": "connected", "sessionPresent": token.SessionPresent()})
}

func (t *three) subscribe(c command) {
	if token := t.client.Subscribe(c.Filter, c.Qos, nil); token.Wait() && token.Error() != nil {
		refused(token.Error())
		return
	}
	say(map[string]any{"is": "subscribed"})
}

func (t *three) publish(c command) {
	var tokens []mqtt.Token
	for _, payload := range payloads(c) {
		tokens = append(tokens, t.client.Publish(c.Topic, c.Qos, c.Retain, payload))
	}
	for _, token := range tokens {
		token.Wait()
	}
	say(map[string]any{"is": "published"})
}

func (t *three) disconnect() { t.client.Disconnect(1000) }
