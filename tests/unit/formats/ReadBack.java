import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.StreamTokenizer;
import java.io.StringReader;
import java.util.Map;
import java.util.Properties;

/** Prints what Java reads: of a properties file each key and value, of sasl.jaas.config each word, as UTF-16 in hexadecimal. */
public class ReadBack {
    public static void main(String[] args) throws IOException {
        PrintStream out = new PrintStream(System.out, false);
        Properties found = new Properties();
        try (InputStream in = new FileInputStream(args[0])) {
            found.load(in);
        }
        for (Map.Entry<Object, Object> one : found.entrySet()) {
            String key = (String) one.getKey();
            String value = (String) one.getValue();
            out.println(hex(key) + " " + hex(value) + (key.startsWith("sasl.jaas.config") ? words(value) : ""));
        }
        out.flush();
    }

    /** As org.apache.kafka.common.security.JaasConfig does it. */
    private static String words(String config) throws IOException {
        StreamTokenizer tokens = new StreamTokenizer(new StringReader(config));
        tokens.slashSlashComments(true);
        tokens.slashStarComments(true);
        tokens.wordChars('-', '-');
        tokens.wordChars('_', '_');
        tokens.wordChars('$', '$');
        StringBuilder found = new StringBuilder();
        while (tokens.nextToken() != StreamTokenizer.TT_EOF) {
            found.append(' ').append(tokens.sval == null ? "c" + hex(String.valueOf((char) tokens.ttype)) : "s" + hex(tokens.sval));
        }
        return found.toString();
    }

    private static String hex(String text) {
        StringBuilder found = new StringBuilder("_");
        for (char unit : text.toCharArray()) {
            for (int shift = 12; shift >= 0; shift -= 4) {
                found.append(Character.forDigit(unit >> shift & 15, 16));
            }
        }
        return found.toString();
    }
}
