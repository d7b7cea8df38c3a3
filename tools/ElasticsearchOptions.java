import java.io.File;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.ClusterSettings;
import org.elasticsearch.common.settings.IndexScopedSettings;
import org.elasticsearch.common.settings.SecureSetting;
import org.elasticsearch.common.settings.Setting;
import org.elasticsearch.common.settings.Settings;

/**
 * Prints the settings that an Elasticsearch release defines, one JSON object a line. Run by tools/options.py with the release's own jars; the arguments are
 * the jars of its modules.
 *
 * <p>The server's own are those it registers. Those of modules are the constants of their classes. A setting says neither type nor bounds: values are tried
 * on it, and what it gives back or refuses tells.
 */
public class ElasticsearchOptions {
    private static final List<String> TRIED = List.of("true", "1", "1s", "1mb", "0.5", "50%", "1024", "60s", "512mb", "x");
    private static final Pattern BOUND = Pattern.compile("must be (>=|<=) \\[?(-?[0-9.Ee+]+)\\]?$");

    public static void main(String[] args) throws Exception {
        LogConfigurator.configureESLogging();
        Map<String, Setting<?>> settings = new TreeMap<>();
        for (Setting<?> setting : ClusterSettings.BUILT_IN_CLUSTER_SETTINGS) {
            settings.put(setting.getKey(), setting);
        }
        // As defaults of new indices they are refused in elasticsearch.yml; named, so that the refusal says what they are.
        Set<String> index = new TreeSet<>();
        for (Setting<?> setting : IndexScopedSettings.BUILT_IN_INDEX_SETTINGS) {
            if (settings.putIfAbsent(setting.getKey(), setting) == null) {
                index.add(setting.getKey());
            }
        }
        for (String jar : args) {
            constants(new File(jar), settings);
        }
        for (Setting<?> setting : settings.values()) {
            System.out.println(json(described(setting, index.contains(setting.getKey()))));
        }
    }

    /** Add the settings that the classes of a jar hold as constants and that a node reads. */
    private static void constants(File jar, Map<String, Setting<?>> settings) throws Exception {
        List<String> names;
        try (JarFile file = new JarFile(jar)) {
            names = file.stream().map(Object::toString).filter(name -> name.endsWith(".class") && name.startsWith("org/elasticsearch/"))
                .map(name -> name.substring(0, name.length() - ".class".length()).replace('/', '.')).collect(Collectors.toList());
        }
        for (String name : names) {
            try {
                for (Field field : Class.forName(name, false, ElasticsearchOptions.class.getClassLoader()).getDeclaredFields()) {
                    if (Modifier.isStatic(field.getModifiers()) && Setting.class.isAssignableFrom(field.getType())) {
                        field.setAccessible(true);
                        Setting<?> setting = (Setting<?>) field.get(null);
                        if (setting != null && (setting.hasNodeScope() || setting instanceof SecureSetting)) {
                            settings.putIfAbsent(setting.getKey(), setting);
                        }
                    }
                }
            } catch (LinkageError | ReflectiveOperationException | RuntimeException error) {
                System.err.println("left out: " + name + ": " + error);
            }
        }
    }

    private static Map<String, Object> described(Setting<?> setting, boolean index) {
        Map<String, Object> found = new LinkedHashMap<>();
        found.put("name", setting.getKey());
        Setting<?> concrete = setting;
        if (setting instanceof Setting.AffixSetting) {
            String name = setting.getKey().replace("*", "name");
            concrete = setting.getConcreteSetting(name.endsWith(".") ? name + "name" : name);
        }
        if (concrete instanceof SecureSetting) {
            found.put("type", "keystore");
        } else {
            type(concrete, found);
        }
        if (index) {
            found.put("index", true);
        }
        if (setting.isFiltered()) {
            found.put("secret", true);
        }
        if (setting.getProperties().stream().anyMatch(one -> one.name().startsWith("Deprecated"))) {
            found.put("deprecated", true);
        }
        return found;
    }

    private static void type(Setting<?> setting, Map<String, Object> found) {
        Object value = null;
        for (String tried : TRIED) {
            value = parsed(setting, tried);
            if (value != null) {
                break;
            }
        }
        try {
            value = value == null ? setting.get(Settings.EMPTY) : value;
        } catch (RuntimeException error) {
            value = null;
        }
        String type = value == null ? "" : value.getClass().getSimpleName();
        switch (type) {
            case "Boolean" -> found.put("type", "boolean");
            case "Integer", "Long", "Float", "Double" -> {
                found.put("type", type.equals("Integer") ? "int" : type.toLowerCase());
                boolean whole = type.equals("Integer") || type.equals("Long");
                bound(setting, whole ? String.valueOf(type.equals("Integer") ? Integer.MIN_VALUE : Long.MIN_VALUE) : "-1.0E30", "min", whole, found);
                bound(setting, whole ? String.valueOf(type.equals("Integer") ? Integer.MAX_VALUE : Long.MAX_VALUE) : "1.0E30", "max", whole, found);
            }
            case "TimeValue" -> found.put("type", "time");
            case "ByteSizeValue" -> found.put("type", parsed(setting, "50%") == null ? "bytes" : "memory");
            default -> {
                if (value instanceof Enum<?> one) {
                    Set<String> values = new LinkedHashSet<>();
                    for (Object constant : one.getDeclaringClass().getEnumConstants()) {
                        for (String name : List.of(constant.toString().toLowerCase(), ((Enum<?>) constant).name().toLowerCase(), ((Enum<?>) constant).name())) {
                            if (constant.equals(parsed(setting, name))) {
                                values.add(name);
                                break;
                            }
                        }
                    }
                    if (!values.isEmpty()) {
                        found.put("type", "string");
                        found.put("values", values);
                        if (values.stream().allMatch(name -> parsed(setting, name.toUpperCase()) != null)) {
                            found.put("any_case", true);
                        }
                        return;
                    }
                }
                found.put("type", value instanceof List<?> ? "list" : "string");
            }
        }
    }

    private static void bound(Setting<?> setting, String tried, String end, boolean whole, Map<String, Object> found) {
        try {
            setting.get(Settings.builder().put(setting.getKey(), tried).build());
        } catch (RuntimeException error) {
            Matcher matcher = BOUND.matcher(String.valueOf(error.getMessage()));
            if (matcher.find()) {
                found.put(end, whole ? (Object) Long.valueOf(matcher.group(2)) : (Object) Double.valueOf(matcher.group(2)));
            }
        }
    }

    private static Object parsed(Setting<?> setting, String value) {
        try {
            return setting.get(Settings.builder().put(setting.getKey(), value).build());
        } catch (RuntimeException error) {
            return null;
        }
    }

    /** JSON of a flat mapping; the names and values of settings hold nothing that needs more than quotes. */
    private static String json(Object value) {
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream().map(entry -> json(entry.getKey()) + ": " + json(entry.getValue())).collect(Collectors.joining(", ", "{", "}"));
        }
        if (value instanceof Set<?> set) {
            return set.stream().map(ElasticsearchOptions::json).collect(Collectors.joining(", ", "[", "]"));
        }
        return value instanceof String ? '"' + value.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"' : String.valueOf(value);
    }
}
