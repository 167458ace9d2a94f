// The comparison as one self-contained page: traffic, response time and tasks of every policy.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { totals, verdict } from './comparison';
import type { Compared } from './comparison';
import type { Result } from './tally';

/** More points than this a line are thinned out: a screen has no more. */
const POINTS = 1440;

/** The page. */
export function renderHtml(compared: readonly Compared[], targetMs: number): string {
  const uplot = join(__dirname, '..', '..', 'node_modules', 'uplot', 'dist');
  const data = { targetMs, traces: compared.map(drawn) };
  const sums = compared.length > 1 ? summary(compared) : '';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Scaling policies compared</title>
<style>
${readFileSync(join(uplot, 'uPlot.min.css'), 'utf8')}
${readFileSync(join(__dirname, 'page', 'page.css'), 'utf8')}
</style>
</head>
<body>
<main>
<h1>Scaling policies compared</h1>
<p>Each policy meets the same traffic. The response time is a minute's average; it should stay below ${targetMs} ms. Click a name to hide or show its line, drag to zoom, double-click to zoom out.</p>
<ul>${verdict(compared)
    .map((sentence) => `<li>${escape(sentence)}</li>`)
    .join('')}</ul>
${sums}
<div id="traces"></div>
</main>
<script id="data" type="application/json">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>
<script>
${readFileSync(join(uplot, 'uPlot.iife.min.js'), 'utf8')}
${readFileSync(join(__dirname, 'page', 'page.js'), 'utf8')}
</script>
</body>
</html>
`;
}

function drawn({ trace, results }: Compared) {
  const minutes = results[0]?.minutes.requestsPerSecond.length ?? 0;
  const width = Math.max(1, Math.ceil(minutes / POINTS));
  return {
    name: trace.name,
    about: trace.about,
    // The middle of each stretch of minutes, in hours.
    hours: thin(
      Array.from({ length: minutes }, (_none, minute) => (minute + 0.5) / 60),
      width,
      mean,
    ),
    traffic: thin(results[0]?.minutes.requestsPerSecond ?? [], width, mean),
    policies: results.map((result) => ({
      name: result.name,
      ...figures(result),
      // The worst minute of a stretch: what is over the target must be seen.
      averageMs: thin(result.minutes.averageMs, width, largest),
      tasks: thin(result.minutes.tasks, width, largest),
    })),
  };
}

function figures({ minutesOverTarget, taskHours, dollars, reversals, maxTasks }: Result) {
  return {
    ...{ minutesOverTarget, reversals, maxTasks },
    taskHours: Number(taskHours.toFixed(1)),
    dollars: Number(dollars.toFixed(2)),
  };
}

type Point = number | null;

function thin(points: readonly Point[], width: number, take: (part: number[]) => number): Point[] {
  const thinned: Point[] = [];
  for (let at = 0; at < points.length; at += width) {
    const part = points.slice(at, at + width).filter((point) => point !== null);
    thinned.push(part.length === 0 ? null : Number(take(part).toPrecision(4)));
  }
  return thinned;
}

function mean(part: number[]): number {
  return part.reduce((sum, value) => sum + value, 0) / part.length;
}

function largest(part: number[]): number {
  return Math.max(...part);
}

function summary(compared: readonly Compared[]): string {
  const rows = totals(compared).map(
    ({ name, minutesOverTarget, taskHours }) =>
      `<tr><th scope="row">${escape(name)}</th><td>${minutesOverTarget}</td><td>${taskHours.toFixed(1)}</td></tr>`,
  );
  return `<section><div class="scroll" tabindex="0"><table><caption>All traces together</caption><thead><tr><th scope="col">Policy</th><th scope="col">Minutes over</th><th scope="col">Task-hours</th></tr></thead><tbody>${rows.join('')}</tbody></table></div></section>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
