import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.config.ConfigException;

/**
 * Prints the options that the programs of a Kafka release define, one JSON object a line. Run by tools/options.py with the release's own jars.
 *
 * <p>The definitions of Kafka say name, type, default and validator. What is deprecated is said by an annotation of the constant or by the first word of
 * the documentation. ZooKeeper has no such definitions: only the names of its TLS options, which it composes, are asked for here.
 */
public class KafkaOptions {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Classes that hold the names of options as constants, for their annotations. */
    private static final String[] CONSTANTS = {
        "org.apache.kafka.server.config.ServerConfigs",
        "org.apache.kafka.server.config.ServerLogConfigs",
        "org.apache.kafka.server.config.ReplicationConfigs",
        "org.apache.kafka.server.config.ZkConfigs",
        "org.apache.kafka.network.SocketServerConfigs",
        "org.apache.kafka.common.config.TopicConfig",
        "org.apache.kafka.connect.runtime.WorkerConfig",
        "org.apache.kafka.connect.runtime.distributed.DistributedConfig",
        "org.apache.kafka.clients.producer.ProducerConfig",
        "org.apache.kafka.clients.consumer.ConsumerConfig",
        "org.apache.kafka.clients.admin.AdminClientConfig",
    };
    /** A validator that takes fewer integers than this, around zero, names them. */
    private static final int TRIED = 40;
    private static final Set<String> DEPRECATED = new HashSet<>();

    public static void main(String[] args) throws Exception {
        for (String name : CONSTANTS) {
            if (!there(name)) {
                continue;
            }
            for (Field field : Class.forName(name).getDeclaredFields()) {
                boolean constant = Modifier.isStatic(field.getModifiers()) && field.getType() == String.class;
                if (constant && field.isAnnotationPresent(Deprecated.class) && field.getName().endsWith("_CONFIG")) {
                    field.setAccessible(true);
                    DEPRECATED.add((String) field.get(null));
                }
            }
        }
        Map<String, ConfigKey> broker = kafka.server.KafkaConfig.configDef().configKeys();
        print("broker", broker.values());
        print("connect", keys("org.apache.kafka.connect.runtime.distributed.DistributedConfig"));
        // What the runtime reads of any connector; the rest is its class's own.
        Map<String, ConfigKey> connectors = new LinkedHashMap<>(org.apache.kafka.connect.runtime.SourceConnectorConfig.configDef().configKeys());
        connectors.putAll(org.apache.kafka.connect.runtime.SinkConnectorConfig.configDef().configKeys());
        print("connector", connectors.values());
        print("mirror_source", new org.apache.kafka.connect.mirror.MirrorSourceConnector().config().configKeys().values());
        print("mirror_checkpoint", new org.apache.kafka.connect.mirror.MirrorCheckpointConnector().config().configKeys().values());
        print("mirror_heartbeat", new org.apache.kafka.connect.mirror.MirrorHeartbeatConnector().config().configKeys().values());
        print("producer", keys("org.apache.kafka.clients.producer.ProducerConfig"));
        print("consumer", keys("org.apache.kafka.clients.consumer.ConsumerConfig"));
        print("admin", keys("org.apache.kafka.clients.admin.AdminClientConfig"));
        Map<String, String> synonyms = org.apache.kafka.server.config.ServerTopicConfigSynonyms.TOPIC_CONFIG_SYNONYMS;
        for (ConfigKey key : topicKeys()) {
            if (!key.internalConfig) {
                Map<String, Object> found = described("topic", key);
                // The broker's option of the same meaning.
                if (synonyms.containsKey(key.name)) {
                    found.put("broker", synonyms.get(key.name));
                }
                System.out.println(JSON.writeValueAsString(found));
            }
        }
        // Options that the broker hands on to its authorizer without defining them.
        if (there("kafka.security.authorizer.AclAuthorizer$")) {
            zooKeeper();
        } else {
            for (Field field : Class.forName("org.apache.kafka.metadata.authorizer.StandardAuthorizer").getFields()) {
                if (Modifier.isStatic(field.getModifiers()) && field.getName().endsWith("_CONFIG")) {
                    String type = field.getName().startsWith("ALLOW") ? "boolean" : "string";
                    System.out.println(JSON.writeValueAsString(Map.of("kind", "broker", "name", field.get(null), "type", type)));
                }
            }
        }
    }

    /** What releases with ZooKeeper have beside the definitions: the authorizer's options and the names of the TLS options of ZooKeeper itself. */
    private static void zooKeeper() throws Exception {
        Object authorizer = Class.forName("kafka.security.authorizer.AclAuthorizer$").getField("MODULE$").get(null);
        for (Field field : authorizer.getClass().getDeclaredFields()) {
            String constant = field.getName().replaceAll(".*\\$", "");
            if (field.getType() == String.class && (constant.endsWith("Prop") || constant.endsWith("Requests"))) {
                field.setAccessible(true);
                String type = constant.contains("TimeOut") || constant.endsWith("Requests") ? "int" : constant.startsWith("Allow") ? "boolean" : "string";
                System.out.println(JSON.writeValueAsString(Map.of("kind", "broker", "name", field.get(authorizer), "type", type)));
            }
        }
        for (String name : List.of("ClientX509Util", "QuorumX509Util")) {
            Object util = Class.forName("org.apache.zookeeper.common." + name).getConstructor().newInstance();
            for (Method method : util.getClass().getSuperclass().getMethods()) {
                if (method.getName().matches("getS?s?sl.*Property") && method.getParameterCount() == 0 && method.getReturnType() == String.class) {
                    Map<String, Object> found = new LinkedHashMap<>(Map.of("kind", "zookeeper"));
                    found.put("property", method.invoke(util));
                    System.out.println(JSON.writeValueAsString(found));
                }
            }
        }
    }

    private static boolean there(String name) {
        try {
            Class.forName(name);
            return true;
        } catch (ClassNotFoundException error) {
            return false;
        }
    }

    /** The definitions of a topic's settings: the one field of LogConfig that has them and the server's names for them. */
    private static Collection<ConfigKey> topicKeys() throws Exception {
        for (Field field : org.apache.kafka.storage.internals.log.LogConfig.class.getDeclaredFields()) {
            if (field.getType().getSimpleName().equals("LogConfigDef")) {
                field.setAccessible(true);
                return ((ConfigDef) field.get(null)).configKeys().values();
            }
        }
        throw new IllegalStateException("LogConfig defines no settings of topics");
    }

    /** The definitions that a class keeps, wherever it keeps them. */
    private static Collection<ConfigKey> keys(String name) throws Exception {
        Class<?> type = Class.forName(name);
        for (Field field : type.getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers()) && ConfigDef.class.isAssignableFrom(field.getType())) {
                field.setAccessible(true);
                return ((ConfigDef) field.get(null)).configKeys().values();
            }
        }
        for (Method method : type.getDeclaredMethods()) {
            if (Modifier.isStatic(method.getModifiers()) && method.getReturnType() == ConfigDef.class) {
                method.setAccessible(true);
                Object[] arguments = Arrays.stream(method.getParameterTypes()).map(KafkaOptions::system).toArray();
                return ((ConfigDef) method.invoke(null, arguments)).configKeys().values();
            }
        }
        throw new IllegalStateException(name + " defines no options");
    }

    /** The system's own instance of what a definition asks, such as the algorithms that this Java has. */
    private static Object system(Class<?> type) {
        try {
            Field field = type.getField("SYSTEM");
            field.setAccessible(true);
            return field.get(null);
        } catch (ReflectiveOperationException error) {
            throw new IllegalStateException(error);
        }
    }

    private static void print(String kind, Collection<ConfigKey> keys) throws Exception {
        for (ConfigKey key : keys) {
            if (!key.internalConfig) {
                System.out.println(JSON.writeValueAsString(described(kind, key)));
            }
        }
    }

    private static Map<String, Object> described(String kind, ConfigKey key) throws Exception {
        Map<String, Object> found = new LinkedHashMap<>();
        found.put("kind", kind);
        found.put("name", key.name);
        found.put("type", key.type.name().toLowerCase());
        if (key.hasDefault() && key.defaultValue != null && key.type != ConfigDef.Type.PASSWORD) {
            String shown = ConfigDef.convertToString(key.defaultValue, key.type);
            if (!shown.isEmpty()) {
                found.put("default", shown);
            }
        } else if (!key.hasDefault()) {
            found.put("required", true);
        }
        validator(key.validator, found);
        if (DEPRECATED.contains(key.name) || key.documentation.strip().toLowerCase().startsWith("deprecated")) {
            found.put("deprecated", true);
        }
        return found;
    }

    /** What a validator of Kafka's own kinds asks; others are left to the program itself. */
    private static void validator(Object validator, Map<String, Object> found) throws Exception {
        if (validator == null) {
            return;
        }
        switch (validator.getClass().getSimpleName()) {
            case "Range" -> {
                for (String end : List.of("min", "max")) {
                    Object bound = field(validator, end);
                    if (bound != null) {
                        found.put(end, bound);
                    }
                }
            }
            case "ValidString", "ValidList" -> found.put("values", values(validator));
            case "CaseInsensitiveValidString" -> {
                found.put("values", values(validator));
                found.put("any_case", true);
            }
            case "NonEmptyString", "NonEmptyStringWithoutControlChars" -> found.put("not_empty", true);
            case "CompositeValidator" -> {
                for (Object one : (Collection<?>) field(validator, "validators")) {
                    validator(one, found);
                }
            }
            default -> tried(validator, found);
        }
    }

    /** Of a validator of one option alone that takes only a few integers: which ones. */
    private static void tried(Object validator, Map<String, Object> found) {
        List<Object> taken = new ArrayList<>();
        for (int number = -TRIED; "int".equals(found.get("type")) && number <= TRIED; number++) {
            try {
                ((ConfigDef.Validator) validator).ensureValid("tried", number);
                taken.add(number);
            } catch (ConfigException refused) {
                continue;
            }
        }
        if (!taken.isEmpty() && taken.size() < TRIED) {
            found.put("values", taken);
        }
    }

    private static Object values(Object validator) throws Exception {
        Object owner = validator.getClass().getSimpleName().equals("ValidList") ? field(validator, "validString") : validator;
        List<Object> values = new ArrayList<>();
        for (Object value : new TreeSet<Object>(notNull((Collection<?>) field(owner, "validStrings")))) {
            values.add(value);
        }
        return values;
    }

    private static List<Object> notNull(Collection<?> values) {
        List<Object> found = new ArrayList<>(values);
        found.removeIf(value -> value == null);
        return found;
    }

    private static Object field(Object owner, String name) throws Exception {
        Field field = owner.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(owner);
    }
}
