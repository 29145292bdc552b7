# shellcheck shell=bash
# What the commands of README.md need before they can be run; to be sourced by readme.sh. A block asks for setup_NAME by the comment
# <!-- test: setup=NAME --> in the line before it. Runs in the scratch copy of the checkout, in a subshell of the block's own: what must be ended
# with the block is ended by a trap on EXIT.

# A jar of the reader's own: app.jar, which runs for three seconds, or as many as it is told.
setup_app() {
    bash tools/demo/build.sh build/demo
    mkdir -p build/app
    cat >build/app/App.java <<'JAVA'
public class App {
    public static void main(String[] args) throws Exception {
        shop.Main.main(args.length > 0 ? args : new String[] {"3"});
    }
}
JAVA
    javac -cp build/demo/classes -d build/demo/classes build/app/App.java
    jar cfe app.jar App -C build/demo/classes .
}

# A JVM of the reader's own that runs already; jcmd knows it as App.
setup_running() {
    setup_app
    java -cp app.jar App 60 &
    # shellcheck disable=SC2064  # this process, not a later one
    trap "kill $!" EXIT
    wait_for 20 sees_app
}

sees_app() {
    jcmd -l | grep -q ' App'
}
