//! rumqttc: one library with a module for each version, alike in all but a few names.
use rumqttc::Outgoing;
use serde_json::{json, Value};
use std::io::Write;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::mpsc;

fn say(answer: Value) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{answer}").unwrap();
    out.flush().unwrap();
}

fn text(told: &Value, key: &str) -> String {
    told[key].as_str().unwrap_or_default().to_string()
}

fn number(told: &Value, key: &str) -> u64 {
    told[key].as_u64().unwrap_or(0)
}

fn flag(told: &Value, key: &str) -> bool {
    told[key].as_bool().unwrap_or(false)
}

fn payloads(told: &Value) -> Vec<String> {
    let prefix = text(told, "prefix");
    match number(told, "count") {
        0 => vec![String::new()],
        count => (0..count).map(|n| format!("{prefix}{n}")).collect(),
    }
}

/// Where the library looks for the broker: a URL for WebSocket, else a host.
fn host(told: &Value) -> String {
    match told["transport"].as_str() {
        Some("ws") => format!("ws://{}:{}/mqtt", text(told, "host"), number(told, "port")),
        _ => text(told, "host"),
    }
}

fn transport(told: &Value) -> rumqttc::Transport {
    match told["transport"].as_str() {
        Some("tls") => rumqttc::Transport::Tls(rumqttc::TlsConfiguration::Simple {
            ca: std::fs::read(text(told, "ca")).unwrap(),
            alpn: None,
            client_auth: None,
        }),
        Some("ws") => rumqttc::Transport::Ws,
        _ => rumqttc::Transport::Tcp,
    }
}

/// One module for each version. `waits` carries what a publish waits for: its QoS, and how many of them.
macro_rules! peer {
    ($name:ident, $api:path, $qos:path, $options:path) => {
        mod $name {
            use super::*;
            use $api::{AsyncClient, Event, EventLoop, Incoming};
            use $qos as QoS;

            fn qos(level: u64) -> QoS {
                match level {
                    0 => QoS::AtMostOnce,
                    1 => QoS::AtLeastOnce,
                    _ => QoS::ExactlyOnce,
                }
            }

            async fn listen(mut events: EventLoop, mut waits: mpsc::Receiver<(u64, u64)>) {
                let (mut level, mut lacking) = (0, 0);
                loop {
                    let event = match events.poll().await {
                        Ok(event) => event,
                        Err(error) => {
                            say(json!({"is": "refused", "why": error.to_string()}));
                            return;
                        }
                    };
                    if let Ok(wait) = waits.try_recv() {
                        (level, lacking) = wait;
                    }
                    let answered = match event {
                        Event::Incoming(Incoming::ConnAck(connack)) => {
                            say(json!({"is": "connected", "sessionPresent": connack.session_present}));
                            None
                        }
                        Event::Incoming(Incoming::SubAck(_)) => {
                            say(json!({"is": "subscribed"}));
                            None
                        }
                        Event::Incoming(Incoming::Publish(publish)) => {
                            say(json!({
                                "is": "message",
                                "topic": String::from_utf8_lossy(publish.topic.as_ref()),
                                "payload": String::from_utf8_lossy(&publish.payload),
                                "qos": publish.qos as u8,
                                "retain": publish.retain,
                            }));
                            None
                        }
                        Event::Outgoing(Outgoing::Publish(_)) => Some(0),
                        Event::Incoming(Incoming::PubAck(_)) => Some(1),
                        Event::Incoming(Incoming::PubComp(_)) => Some(2),
                        Event::Outgoing(Outgoing::Disconnect) => {
                            say(json!({"is": "disconnected"}));
                            std::process::exit(0);
                        }
                        _ => None,
                    };
                    if answered == Some(level) && lacking > 0 {
                        lacking -= 1;
                        if lacking == 0 {
                            say(json!({"is": "published"}));
                        }
                    }
                }
            }

            pub async fn run(told: Value, mut commands: mpsc::Receiver<Value>) {
                let (client, events) = AsyncClient::new($options(&told), 2000);
                let (wait, waits) = mpsc::channel(1);
                tokio::spawn(listen(events, waits));
                while let Some(told) = commands.recv().await {
                    match told["do"].as_str() {
                        Some("subscribe") => {
                            client.subscribe(text(&told, "filter"), qos(number(&told, "qos"))).await.unwrap();
                        }
                        Some("publish") => {
                            let (level, all) = (number(&told, "qos"), payloads(&told));
                            wait.send((level, all.len() as u64)).await.unwrap();
                            for payload in all {
                                let (topic, retain) = (text(&told, "topic"), flag(&told, "retain"));
                                client.publish(topic, qos(level), retain, payload).await.unwrap();
                            }
                        }
                        Some("disconnect") => client.disconnect().await.unwrap(),
                        other => panic!("told {other:?}"),
                    }
                }
            }
        }
    };
}

fn options_three(told: &Value) -> rumqttc::MqttOptions {
    let mut options = rumqttc::MqttOptions::new(text(told, "clientId"), host(told), number(told, "port") as u16);
    options.set_clean_session(flag(told, "clean"));
    options.set_transport(transport(told));
    options.set_inflight(1000);
    if let Some(will) = told["will"].as_object() {
        let level = if will["qos"] == 1 { rumqttc::QoS::AtLeastOnce } else { rumqttc::QoS::AtMostOnce };
        let (topic, payload) = (will["topic"].as_str().unwrap(), will["payload"].as_str().unwrap());
        options.set_last_will(rumqttc::LastWill::new(topic, payload, level, will["retain"] == true));
    }
    options
}

fn options_five(told: &Value) -> rumqttc::v5::MqttOptions {
    use rumqttc::v5::mqttbytes::{v5::ConnectProperties, v5::LastWill, QoS};
    let mut options = rumqttc::v5::MqttOptions::new(text(told, "clientId"), host(told), number(told, "port") as u16);
    options.set_clean_start(flag(told, "clean"));
    options.set_transport(transport(told));
    let mut properties = ConnectProperties::new();
    properties.session_expiry_interval = told["expirySeconds"].as_u64().map(|seconds| seconds as u32);
    properties.receive_maximum = told["receiveMaximum"].as_u64().map(|most| most as u16);
    options.set_connect_properties(properties);
    if let Some(will) = told["will"].as_object() {
        let level = if will["qos"] == 1 { QoS::AtLeastOnce } else { QoS::AtMostOnce };
        let (topic, payload) = (will["topic"].as_str().unwrap(), will["payload"].as_str().unwrap().to_string());
        options.set_last_will(LastWill::new(topic, payload, level, will["retain"] == true, None));
    }
    options
}

peer!(three, rumqttc, rumqttc::QoS, options_three);
peer!(five, rumqttc::v5, rumqttc::v5::mqttbytes::QoS, options_five);

#[tokio::main]
async fn main() {
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let first = lines.next_line().await.unwrap().unwrap();
    let told: Value = serde_json::from_str(&first).unwrap();
    let (commands, taken) = mpsc::channel(100);
    if told["version"] == 5 {
        tokio::spawn(five::run(told, taken));
    } else {
        tokio::spawn(three::run(told, taken));
    }
    while let Some(line) = lines.next_line().await.unwrap() {
        commands.send(serde_json::from_str(&line).unwrap()).await.unwrap();
    }
}
