// Functions of the C library that only the parity program asks for; its static build is told of them.
export const PARITY_FUNCTIONS = ["getenv", "qsort", "snprintf", "strtod"];
