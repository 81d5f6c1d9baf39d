// The user's own points, from a CSV file or pasted text: which columns, and what is wrong with them.

import { useRef, useState } from "preact/hooks";
import { Select } from "../../../ui/controls";
import { dataSetFrom, numericColumns, readTable, type Table } from "../csv";
import type { Playground } from "../playground";
import { of } from "./use";

export function OwnData({ playground }: { playground: Playground }) {
  const [table, setTable] = useState<Table>();
  const [columns, setColumns] = useState<readonly [number, number, number]>([0, 1, 2]);
  const [problem, setProblem] = useState("");
  const file = useRef<HTMLInputElement>(null);

  const use = (from: Table, [a, b, target]: readonly [number, number, number]) => {
    try {
      const data = dataSetFrom(from, a, b, target, playground.state.seed);
      playground.useOwn(data);
      setProblem("");
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  const read = async (text: string) => {
    try {
      const read = await readTable(text);
      const [a = 0, b = 1] = numericColumns(read).filter((column) => column !== read.names.length - 1);
      const chosen = [a, b, read.names.length - 1] as const;
      setTable(read);
      setColumns(chosen);
      use(read, chosen);
    } catch (error) {
      setTable(undefined);
      setProblem((error as Error).message);
    }
  };
  const choose = (place: number) => (value: string) => {
    const chosen = columns.map((column, i) => (i === place ? Number(value) : column)) as unknown as readonly [number, number, number];
    setColumns(chosen);
    use(table!, chosen);
  };
  const options = table?.names.map((label, c) => ({ value: String(c), label })) ?? [];
  return (
    <div
      class="own" onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        void event.dataTransfer?.files[0]?.text().then(read);
      }}
    >
      <button type="button" onClick={() => of(file).click()}>Your own data, .csv</button>
      <input
        ref={file} class="unseen own-file" type="file" accept=".csv,.tsv,.txt,text/csv" aria-label="CSV file" tabIndex={-1}
        onChange={(event) => {
          const [chosen] = event.currentTarget.files ?? [];
          event.currentTarget.value = "";
          if (chosen) void chosen.text().then(read);
        }}
      />
      {problem && <p class="problem" role="alert">{problem}</p>}
      {table && (
        <>
          <p class="hint">{table.rows.length.toLocaleString("en")} rows. They stay in this page.</p>
          <Select label="x₁" value={String(columns[0])} options={options} change={choose(0)} />
          <Select label="x₂" value={String(columns[1])} options={options} change={choose(1)} />
          <Select label="To predict" value={String(columns[2])} options={options} change={choose(2)} />
        </>
      )}
    </div>
  );
}
