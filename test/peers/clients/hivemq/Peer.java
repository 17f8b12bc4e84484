import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.hivemq.client.mqtt.MqttClientBuilder;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.MqttWebSocketConfig;
import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.TrustManagerFactory;

/** HiveMQ's client, both versions. */
public class Peer {
  /** What one version must do. */
  interface Version {
    CompletableFuture<Boolean> connect(JsonObject told);
    CompletableFuture<?> subscribe(String filter, MqttQos qos);
    CompletableFuture<?> publish(String topic, MqttQos qos, boolean retain, byte[] payload);
    CompletableFuture<?> disconnect();
  }

  static final Gson gson = new Gson();

  static synchronized void say(Object... keysAndValues) {
    JsonObject answer = new JsonObject();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      answer.add((String) keysAndValues[i], gson.toJsonTree(keysAndValues[i + 1]));
    }
    System.out.println(answer);
  }

  static void message(String topic, byte[] payload, MqttQos qos, boolean retain) {
    String text = new String(payload, StandardCharsets.UTF_8);
    say("is", "message", "topic", topic, "payload", text, "qos", qos.getCode(), "retain", retain);
  }

  static MqttQos qos(JsonObject told) {
    return MqttQos.fromCode(told.get("qos").getAsInt());
  }

  static MqttClientBuilder builder(JsonObject told) throws Exception {
    MqttClientBuilder builder = MqttClient.builder()
        .identifier(told.get("clientId").getAsString())
        .serverHost(told.get("host").getAsString())
        .serverPort(told.get("port").getAsInt());
    String transport = told.get("transport").getAsString();
    if (transport.equals("ws")) builder = builder.webSocketConfig(MqttWebSocketConfig.builder().serverPath("mqtt").build());
    if (transport.equals("tls")) builder = builder.sslConfig(tls(told.get("ca").getAsString()));
    return builder;
  }

  static MqttClientSslConfig tls(String ca) throws Exception {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    try (FileInputStream file = new FileInputStream(ca)) {
      trusted.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(file));
    }
    TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(trusted);
    return MqttClientSslConfig.builder().trustManagerFactory(managers).build();
  }

  static class Three implements Version {
    final Mqtt3AsyncClient client;

    Three(JsonObject told) throws Exception {
      client = builder(told).useMqttVersion3().buildAsync();
      client.publishes(MqttGlobalPublishFilter.ALL,
          m -> message(m.getTopic().toString(), m.getPayloadAsBytes(), m.getQos(), m.isRetain()));
    }

    public CompletableFuture<Boolean> connect(JsonObject told) {
      var connect = client.connectWith().cleanSession(told.get("clean").getAsBoolean());
      if (told.has("will")) {
        JsonObject will = told.getAsJsonObject("will");
        connect = connect.willPublish().topic(will.get("topic").getAsString()).qos(qos(will))
            .retain(will.get("retain").getAsBoolean()).payload(will.get("payload").getAsString().getBytes())
            .applyWillPublish();
      }
      return connect.send().thenApply(connack -> connack.isSessionPresent());
    }

    public CompletableFuture<?> subscribe(String filter, MqttQos qos) {
      return client.subscribeWith().topicFilter(filter).qos(qos).send();
    }

    public CompletableFuture<?> publish(String topic, MqttQos qos, boolean retain, byte[] payload) {
      return client.publishWith().topic(topic).qos(qos).retain(retain).payload(payload).send();
    }

    public CompletableFuture<?> disconnect() {
      return client.disconnect();
    }
  }

  static class Five implements Version {
    final Mqtt5AsyncClient client;

    Five(JsonObject told) throws Exception {
      client = builder(told).useMqttVersion5().buildAsync();
      client.publishes(MqttGlobalPublishFilter.ALL,
          m -> message(m.getTopic().toString(), m.getPayloadAsBytes(), m.getQos(), m.isRetain()));
    }

    public CompletableFuture<Boolean> connect(JsonObject told) {
      var connect = client.connectWith().cleanStart(told.get("clean").getAsBoolean());
      if (told.has("expirySeconds")) connect = connect.sessionExpiryInterval(told.get("expirySeconds").getAsLong());
      if (told.has("receiveMaximum")) {
        connect = connect.restrictions().receiveMaximum(told.get("receiveMaximum").getAsInt()).applyRestrictions();
      }
      if (told.has("will")) {
        JsonObject will = told.getAsJsonObject("will");
        connect = connect.willPublish().topic(will.get("topic").getAsString()).qos(qos(will))
            .retain(will.get("retain").getAsBoolean()).payload(will.get("payload").getAsString().getBytes())
            .applyWillPublish();
      }
      return connect.send().thenApply(connack -> connack.isSessionPresent());
    }

    public CompletableFuture<?> subscribe(String filter, MqttQos qos) {
      return client.subscribeWith().topicFilter(filter).qos(qos).send();
    }

    public CompletableFuture<?> publish(String topic, MqttQos qos, boolean retain, byte[] payload) {
      return client.publishWith().topic(topic).qos(qos).retain(retain).payload(payload).send();
    }

    public CompletableFuture<?> disconnect() {
      return client.disconnect();
    }
  }

  static void publishAll(Version version, JsonObject told) {
    int count = told.get("count").getAsInt();
    List<CompletableFuture<?>> sent = new ArrayList<>();
    for (int n = 0; n < Math.max(count, 1); n++) {
      byte[] payload = count == 0 ? new byte[0] : (told.get("prefix").getAsString() + n).getBytes();
      boolean retain = told.get("retain").getAsBoolean();
      sent.add(version.publish(told.get("topic").getAsString(), qos(told), retain, payload));
    }
    CompletableFuture.allOf(sent.toArray(new CompletableFuture[0])).join();
    say("is", "published");
  }

  public static void main(String[] args) throws Exception {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    Version version = null;
    for (String line; (line = lines.readLine()) != null; ) {
      JsonObject told = gson.fromJson(line, JsonObject.class);
      switch (told.get("do").getAsString()) {
        case "connect" -> {
          version = told.get("version").getAsInt() == 5 ? new Five(told) : new Three(told);
          try {
            say("is", "connected", "sessionPresent", version.connect(told).join());
          } catch (Exception error) {
            say("is", "refused", "why", String.valueOf(error.getMessage()));
          }
        }
        case "subscribe" -> {
          version.subscribe(told.get("filter").getAsString(), qos(told)).join();
          say("is", "subscribed");
        }
        case "publish" -> publishAll(version, told);
        case "disconnect" -> {
          version.disconnect().join();
          say("is", "disconnected");
          System.exit(0);
        }
        default -> throw new IllegalArgumentException(line);
      }
    }
    System.exit(0);
  }
}
