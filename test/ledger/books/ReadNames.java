/*
 * Reads a topic from its start to its end with Kafka's own client, in the order of each partition, and prints of each
 * record: key, event id, and the payload's machine and number.
 *
 *   java -cp 'libraries/*' ReadNames.java BROKER TOPIC
 */
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

public class ReadNames {
  public static void main(String[] arguments) throws Exception {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", arguments[0]);
    properties.put("auto.offset.reset", "earliest");
    properties.put("key.deserializer", ByteArrayDeserializer.class.getName());
    properties.put("value.deserializer", ByteArrayDeserializer.class.getName());
    ObjectMapper json = new ObjectMapper();
    PrintStream out = new PrintStream(new BufferedOutputStream(System.out, 1 << 16));
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties)) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(arguments[1]).stream()
              .map(found -> new TopicPartition(arguments[1], found.partition()))
              .toList();
      consumer.assign(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
          String eventId = new String(record.headers().lastHeader("event_id").value());
          JsonNode body = json.readTree(record.value());
          out.println(
              new String(record.key()) + "\t" + eventId + "\t" + body.get("machine").asText() + "\t" + body.get("n"));
        }
      }
    }
    out.flush();
  }
}
