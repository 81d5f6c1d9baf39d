// A program is a list of kernel calls with their arguments, written once into linear memory and then run by one call: a whole inference or training step
// without going back to JavaScript between kernels.
//
// Instruction: function-table index, number of arguments, the arguments; all i32. What the host writes here are numbers it got from this module's own
// table; a wrong signature traps in call_indirect rather than doing harm.

/** Runs the instructions from `program` up to `end` (byte addresses). */
export function run(program: usize, end: usize): void {
  while (program < end) {
    const f = load<u32>(program), n = load<i32>(program, 4), p = program + 8;
    const a = load<i32>(p), b = load<i32>(p, 4), c = load<i32>(p, 8), d = load<i32>(p, 12);
    switch (n) {
      case 3: { call_indirect<void>(f, a, b, c); break; }
      case 4: { call_indirect<void>(f, a, b, c, d); break; }
      case 5: { call_indirect<void>(f, a, b, c, d, load<i32>(p, 16)); break; }
      case 6: { call_indirect<void>(f, a, b, c, d, load<i32>(p, 16), load<i32>(p, 20)); break; }
      case 7: { call_indirect<void>(f, a, b, c, d, load<i32>(p, 16), load<i32>(p, 20), load<i32>(p, 24)); break; }
      case 8: { call_indirect<void>(f, a, b, c, d, load<i32>(p, 16), load<i32>(p, 20), load<i32>(p, 24), load<i32>(p, 28)); break; }
      case 9: { call_indirect<void>(f, a, b, c, d, load<i32>(p, 16), load<i32>(p, 20), load<i32>(p, 24), load<i32>(p, 28), load<i32>(p, 32)); break; }
      case 11: {
        call_indirect<void>(
          f, a, b, c, d, load<i32>(p, 16), load<i32>(p, 20), load<i32>(p, 24), load<i32>(p, 28), load<i32>(p, 32), load<i32>(p, 36), load<i32>(p, 40),
        );
        break;
      }
      default: unreachable();
    }
    program = p + (<usize>n << 2);
  }
}
