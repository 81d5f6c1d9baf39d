// Imported before the library: what engines may compute differently throws from here on, so that no bit of what follows can come from it. What stays is exact by the
// standard, or, as the square root, in every engine.

const exact = ["abs", "ceil", "clz32", "floor", "fround", "imul", "max", "min", "round", "sign", "sqrt", "trunc"];

for (const name of Object.getOwnPropertyNames(Math)) {
  if (typeof Math[name] !== "function" || exact.includes(name)) continue;
  Math[name] = () => {
    throw new Error(`Math.${name} must decide nothing, got a call`);
  };
}
