# shellcheck shell=bash
# What the commands of README.md need before they can be run; to be sourced by readme.sh. A block asks for setup_NAME by the comment
# <!-- test: setup=NAME --> in the line before it. Runs in the scratch copy of the checkout; READMES_PIDS lists what to end.

# A jar of the reader's own: app.jar, which runs for three seconds.
setup_app() {
    bash tools/demo/build.sh build/demo
    mkdir -p build/app
    cat >build/app/App.java <<'JAVA'
public class App {
    public static void main(String[] args) throws Exception {
        shop.Main.main(new String[] {"3"});
    }
}
JAVA
    javac -cp build/demo/classes -d build/demo/classes build/app/App.java
    jar cfe app.jar App -C build/demo/classes .
}
