// Paho for Go: paho.mqtt.golang for 3.1.1, paho.golang for 5.0.
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"sync"
)

type will struct {
	Topic   string `json:"topic"`
	Payload string `json:"payload"`
	Qos     byte   `json:"qos"`
	Retain  bool   `json:"retain"`
}

type command struct {
	Do             string `json:"do"`
	Host           string `json:"host"`
	Port           int    `json:"port"`
	Transport      string `json:"transport"`
	Ca             string `json:"ca"`
	Version        int    `json:"version"`
	ClientID       string `json:"clientId"`
	Clean          bool   `json:"clean"`
	ExpirySeconds  uint32 `json:"expirySeconds"`
	ReceiveMaximum uint16 `json:"receiveMaximum"`
	Will           *will  `json:"will"`
	Filter         string `json:"filter"`
	Qos            byte   `json:"qos"`
	Topic          string `json:"topic"`
	Prefix         string `json:"prefix"`
	Count          int    `json:"count"`
	Retain         bool   `json:"retain"`
}

// What one library must do; it answers through say.
type peer interface {
	connect(c command)
	subscribe(c command)
	publish(c command)
	disconnect()
}

var out sync.Mutex

func say(answer map[string]any) {
	out.Lock()
	defer out.Unlock()
	line, _ := json.Marshal(answer)
	fmt.Println(string(line))
}

func refused(err error) { say(map[string]any{"is": "refused", "why": err.Error()}) }

func sayMessage(topic string, payload []byte, qos byte, retain bool) {
	say(map[string]any{"is": "message", "topic": topic, "payload": string(payload), "qos": qos, "retain": retain})
}

func payloads(c command) [][]byte {
	if c.Count == 0 {
		return [][]byte{{}}
	}
	all := make([][]byte, c.Count)
	for n := range all {
		all[n] = fmt.Appendf(nil, "%s%d", c.Prefix, n)
	}
	return all
}

func brokerURL(c command) *url.URL {
	scheme := map[string]string{"tcp": "tcp", "tls": "ssl", "ws": "ws"}[c.Transport]
	return &url.URL{Scheme: scheme, Host: fmt.Sprintf("%s:%d", c.Host, c.Port)}
}

func tlsConfig(c command) *tls.Config {
	if c.Ca == "" {
		return nil
	}
	pem, err := os.ReadFile(c.Ca)
	if err != nil {
		panic(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	return &tls.Config{RootCAs: roots, ServerName: c.Host}
}

func main() {
	var p peer
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var c command
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			panic(err)
		}
		switch c.Do {
		case "connect":
			if c.Version == 5 {
				p = &five{}
			} else {
				p = &three{}
			}
			p.connect(c)
		case "subscribe":
			p.subscribe(c)
		case "publish":
			p.publish(c)
		case "disconnect":
			p.disconnect()
			say(map[string]any{"is": "disconnected"})
			return
		}
	}
}
