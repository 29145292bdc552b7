# Turn files into a C source: cmake -DOUT=page.c "-DFILES=page.html;page.css;page.js" -P embed.cmake
# Each becomes `const unsigned char page_html[]` (with a 0 at the end) and `const size_t page_html_len`.
set(text "/* Made from page/ by embed.cmake. */\n#include \"jfr2flame/page.h\"\n")
foreach(file IN LISTS FILES)
    get_filename_component(name ${file} NAME)
    string(REPLACE "." "_" name ${name})
    file(READ ${file} hex HEX)
    string(LENGTH "${hex}" n)
    math(EXPR n "${n} / 2")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
    string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)"
           "\\1\n" bytes "${bytes}")
    string(APPEND text "const unsigned char ${name}[] = {\n${bytes}0};\nconst size_t ${name}_len = ${n};\n")
endforeach()
file(WRITE ${OUT} "${text}")
