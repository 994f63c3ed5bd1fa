/* noonload.c: a shared object that is no module. */

int noonload_answer(void) { return 42; }
