// Where the module's own data ends: the host allocates from here on.
export const heapBase: usize = __heap_base;
