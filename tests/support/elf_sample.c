/* elf_sample.c — a small library for tests of ELF files and of the code map; needs nothing. */

int sample_alpha(int x);
int sample_beta(int x);

__attribute__((visibility("default"), noinline)) int sample_alpha(int x)
{
    return x * 3 + 1;
}

__attribute__((visibility("default"), noinline)) int sample_beta(int x)
{
    return x / 7 - 2;
}

__attribute__((used, noinline)) static int sample_hidden(int x)
{
    return x ^ 5;
}

/* As hand-written assembly has them: a function without a size. */
__asm__(".text\n"
        ".globl sample_sizeless\n"
        ".type sample_sizeless, @function\n"
        "sample_sizeless:\n"
        "    nop\n"
        "    nop\n"
        "    ret\n");
