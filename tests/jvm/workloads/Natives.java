import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Native code and the JVM's own stubs: zlib, checksums, array copies, reflection, class loading. Natives SECONDS. */
public final class Natives {
    private static long sum;

    private Natives() {}

    public static void main(String[] args) throws Exception {
        long end = System.nanoTime() + (long) (Double.parseDouble(args[0]) * 1e9);
        byte[] data = new byte[64 * 1024];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (i * i >> 3);
        }
        Method method = Natives.class.getDeclaredMethod("reflected", int.class);
        for (int round = 0; System.nanoTime() < end; round++) {
            deflate(data);
            CRC32 crc = new CRC32();
            crc.update(data);
            sum += crc.getValue();
            sum += Arrays.copyOf(data, data.length - round % 1000).length;
            sum += (Integer) method.invoke(null, round);
            sum += new String(data, StandardCharsets.ISO_8859_1).intern().hashCode();
        }
        System.out.println(sum != 0 ? "done" : "nothing");
    }

    private static void deflate(byte[] data) {
        Deflater deflater = new Deflater();
        deflater.setInput(data);
        deflater.finish();
        byte[] out = new byte[data.length];
        sum += deflater.deflate(out);
        deflater.end();
    }

    private static int reflected(int value) {
        return value + 1;
    }
}
