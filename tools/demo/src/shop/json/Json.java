package shop.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A small JSON reader: objects become maps, arrays lists, numbers longs or doubles. Recursive descent, one pass. */
public final class Json {
    private static final int MAX_DEPTH = 64;

    private final String text;
    private int at;
    private int depth;

    private Json(String text) {
        this.text = text;
    }

    public static Map<String, Object> parse(String text) {
        Json json = new Json(text);
        Map<String, Object> object = json.object();
        json.skipSpace();
        if (json.at != text.length()) {
            throw json.fault("text after the end");
        }
        return object;
    }

    private Object value() {
        skipSpace();
        switch (peek()) {
            case '{': return object();
            case '[': return array();
            case '"': return string();
            case 't': return word("true", Boolean.TRUE);
            case 'f': return word("false", Boolean.FALSE);
            case 'n': return word("null", null);
            default: return number();
        }
    }

    private Map<String, Object> object() {
        Map<String, Object> members = new LinkedHashMap<>();
        enter('{');
        skipSpace();
        while (peek() != '}') {
            String name = string();
            skipSpace();
            expect(':');
            members.put(name, value());
            nextMember('}');
        }
        leave('}');
        return members;
    }

    private List<Object> array() {
        List<Object> items = new ArrayList<>();
        enter('[');
        skipSpace();
        while (peek() != ']') {
            items.add(value());
            nextMember(']');
        }
        leave(']');
        return items;
    }

    private void nextMember(char end) {
        skipSpace();
        if (peek() == ',') {
            at++;
            skipSpace();
            if (peek() == end) {
                throw fault("a comma before " + end);
            }
        } else if (peek() != end) {
            throw fault("no , or " + end);
        }
    }

    private String string() {
        skipSpace();
        expect('"');
        StringBuilder out = new StringBuilder();
        for (char c = next(); c != '"'; c = next()) {
            out.append(c == '\\' ? escaped() : c);
        }
        return out.toString();
    }

    private char escaped() {
        char c = next();
        switch (c) {
            case 'n': return '\n';
            case 't': return '\t';
            case 'r': return '\r';
            case 'b': return '\b';
            case 'f': return '\f';
            case 'u': return unicode();
            default: return c;
        }
    }

    private char unicode() {
        if (at + 4 > text.length()) {
            throw fault("a cut \\u");
        }
        at += 4;
        return (char) Integer.parseInt(text.substring(at - 4, at), 16);
    }

    private Object number() {
        int from = at;
        boolean whole = true;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
            whole &= ".eE".indexOf(text.charAt(at)) < 0;
            at++;
        }
        if (from == at) {
            throw fault("no value");
        }
        String digits = text.substring(from, at);
        return whole ? (Object) Long.valueOf(digits) : (Object) Double.valueOf(digits);
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, at)) {
            throw fault("no value");
        }
        at += word.length();
        return value;
    }

    private void enter(char c) {
        expect(c);
        if (++depth > MAX_DEPTH) {
            throw fault("too deep");
        }
    }

    private void leave(char c) {
        expect(c);
        depth--;
    }

    private void skipSpace() {
        while (at < text.length() && text.charAt(at) <= ' ') {
            at++;
        }
    }

    private char peek() {
        if (at >= text.length()) {
            throw fault("cut off");
        }
        return text.charAt(at);
    }

    private char next() {
        char c = peek();
        at++;
        return c;
    }

    private void expect(char c) {
        if (next() != c) {
            throw fault("no " + c);
        }
    }

    private IllegalArgumentException fault(String what) {
        return new IllegalArgumentException("not JSON: " + what + " at character " + at);
    }
}
