/*
 * Reads topics from their start to their end with Kafka's own client, and prints each record as a line of JSON:
 *
 *   java -cp 'libraries/*' ReadRecords.java BROKER TOPIC…
 */
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cloudevents.CloudEvent;
import io.cloudevents.kafka.CloudEventDeserializer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.utils.Utils;

public class ReadRecords {
  public static void main(String[] arguments) throws Exception {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", arguments[0]);
    properties.put("auto.offset.reset", "earliest");
    properties.put("key.deserializer", ByteArrayDeserializer.class.getName());
    properties.put("value.deserializer", ByteArrayDeserializer.class.getName());
    ObjectMapper json = new ObjectMapper();
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties)) {
      Map<String, Integer> partitionCounts = new LinkedHashMap<>();
      List<TopicPartition> partitions = new ArrayList<>();
      for (int index = 1; index < arguments.length; index++) {
        String topic = arguments[index];
        partitionCounts.put(topic, consumer.partitionsFor(topic).size());
        consumer.partitionsFor(topic).forEach(found -> partitions.add(new TopicPartition(topic, found.partition())));
      }
      consumer.assign(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
          System.out.println(json.writeValueAsString(line(record, partitionCounts.get(record.topic()))));
        }
      }
    }
  }

  static Map<String, Object> line(ConsumerRecord<byte[], byte[]> record, int partitions) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("topic", record.topic());
    line.put("partition", record.partition());
    line.put("partitionOfJava", Utils.toPositive(Utils.murmur2(record.key())) % partitions);
    line.put("key", new String(record.key()));
    line.put("value", record.value() == null ? null : Base64.getEncoder().encodeToString(record.value()));
    Map<String, String> headers = new LinkedHashMap<>();
    for (Header header : record.headers()) headers.put(header.key(), new String(header.value()));
    line.put("headers", headers);
    line.put("event", event(record, headers));
    return line;
  }

  /** As the SDK reads it, which throws where it is none; null where the record does not say that it is one. */
  static Map<String, String> event(ConsumerRecord<byte[], byte[]> record, Map<String, String> headers) {
    boolean isStructured = headers.getOrDefault("content-type", "").startsWith("application/cloudevents");
    if (!isStructured && !headers.containsKey("ce_specversion")) return null;
    CloudEvent event;
    try (CloudEventDeserializer deserializer = new CloudEventDeserializer()) {
      event = deserializer.deserialize(record.topic(), record.headers(), record.value());
    }
    Map<String, String> shown = new LinkedHashMap<>();
    shown.put("specversion", event.getSpecVersion().toString());
    shown.put("id", event.getId());
    shown.put("source", event.getSource().toString());
    shown.put("type", event.getType());
    shown.put("subject", event.getSubject());
    shown.put("time", String.valueOf(event.getTime()));
    shown.put("data", Base64.getEncoder().encodeToString(event.getData().toBytes()));
    return shown;
  }
}
