// Fields with their labels. Each shows the value it is given and reports what the user makes of it; none keeps a state.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface Labelled {
  label: string;
  hint?: string;
}

interface SelectProps<T extends string> extends Labelled {
  value: T;
  options: readonly { readonly value: T; readonly label: string }[];
  change: (value: T) => void;
}

export function Select<T extends string>({ label, hint, value, options, change }: SelectProps<T>) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => change(event.currentTarget.value as T)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      {hint && <p class="hint">{hint}</p>}
    </div>
  );
}

interface RangeProps extends Labelled {
  value: number;
  least: number;
  most: number;
  step?: number;
  show?: (value: number) => string;
  change: (value: number) => void;
}

export function Range({ label, hint, value, least, most, step = 1, show = String, change }: RangeProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="range">
        <input
          id={id} type="range" min={least} max={most} step={step} value={value} aria-valuetext={show(value)}
          onInput={(event) => change(Number(event.currentTarget.value))}
        />
        <output for={id}>{show(value)}</output>
      </div>
      {hint && <p class="hint">{hint}</p>}
    </div>
  );
}

interface NumberProps extends Labelled {
  value: number;
  least: number;
  most: number;
  step?: number | "any";
  change: (value: number) => void;
}

/** Reports whole input only: what is not a number within the bounds is put back when the field is left. */
export function NumberField({ label, hint, value, least, most, step = 1, change }: NumberProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id} type="number" inputMode="decimal" min={least} max={most} step={step} value={value}
        onChange={(event) => {
          const given = event.currentTarget.valueAsNumber;
          if (event.currentTarget.checkValidity() && Number.isFinite(given)) change(given);
          else event.currentTarget.value = String(value);
        }}
      />
      {hint && <p class="hint">{hint}</p>}
    </div>
  );
}

interface CheckProps {
  checked: boolean;
  change: (checked: boolean) => void;
  children: ComponentChildren;
}

export function Check({ checked, change, children }: CheckProps) {
  return (
    <label class="check">
      <input type="checkbox" checked={checked} onChange={(event) => change(event.currentTarget.checked)} />
      {children}
    </label>
  );
}
