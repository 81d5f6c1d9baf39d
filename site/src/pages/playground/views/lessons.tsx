import { lessons } from "../lessons";

export function Lessons() {
  return (
    <section class="lessons" aria-labelledby="lessons-title">
      <h2 id="lessons-title">Experiments</h2>
      <ul>
        {lessons.map(({ title, text, hash }) => (
          <li key={hash}>
            <a href={`#${hash}`}>{title}</a>
            <p>{text}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
