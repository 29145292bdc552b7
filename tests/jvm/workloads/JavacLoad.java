import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** The Java compiler in this JVM, on generated sources: much code, deep stacks, the JIT compilers busy. JavacLoad SECONDS. */
public final class JavacLoad {
    private JavacLoad() {}

    public static void main(String[] args) {
        long end = System.nanoTime() + (long) (Double.parseDouble(args[0]) * 1e9);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        boolean fine = true;
        for (int round = 0; fine && System.nanoTime() < end; round++) {
            fine = compile(compiler, round);
        }
        System.out.println(fine ? "compiled" : "a compilation failed");
    }

    private static boolean compile(JavaCompiler compiler, int round) {
        List<JavaFileObject> sources = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            sources.add(new Source("C" + round + "x" + i));
        }
        StringWriter messages = new StringWriter();
        List<String> options = Collections.singletonList("-proc:none");
        JavaFileManager files = new InMemory(compiler.getStandardFileManager(null, null, null));
        return compiler.getTask(messages, files, d -> { }, options, null, sources).call();
    }

    /** Takes the classes and forgets them. */
    private static final class InMemory extends ForwardingJavaFileManager<JavaFileManager> {
        InMemory(JavaFileManager files) {
            super(files);
        }

        @Override
        public JavaFileObject getJavaFileForOutput(Location where, String name, JavaFileObject.Kind kind, FileObject from) {
            return new SimpleJavaFileObject(URI.create("memory:///" + name.replace('.', '/') + kind.extension), kind) {
                @Override
                public OutputStream openOutputStream() {
                    return new ByteArrayOutputStream();
                }
            };
        }
    }

    /** A class with fifty methods that call each other. */
    private static final class Source extends SimpleJavaFileObject {
        private final String name;

        Source(String name) {
            super(URI.create("string:///" + name + ".java"), Kind.SOURCE);
            this.name = name;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            StringBuilder text = new StringBuilder("import java.util.*;\nclass " + name + " {\n");
            for (int i = 0; i < 50; i++) {
                text.append("  <T extends Comparable<T>> List<T> m").append(i).append("(List<? extends T> in, int n) {\n");
                text.append("    List<T> out = new ArrayList<>(in);\n");
                text.append("    Collections.sort(out, (a, b) -> a.compareTo(b) + n);\n");
                text.append("    return n > 0 ? m").append((i + 1) % 50).append("(out, n - 1) : out;\n  }\n");
            }
            return text.append("}\n");
        }
    }
}
