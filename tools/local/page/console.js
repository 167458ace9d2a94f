// Draws the console from its JSON every two seconds; text goes in as text, never as markup.
'use strict';

const REFRESH_MS = 2000;
const WINDOW_MS = 15 * 60 * 1000;
const BUCKET_MS = 10_000;
const TARGET_SECONDS = 0.02;
const TRACES = 10;
const SVG = 'http://www.w3.org/2000/svg';

const byId = (id) => document.getElementById(id);
const json = async (path) => (await fetch(path)).json();

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  Object.assign(made, attributes);
  made.append(...children);
  return made;
}

function shape(name, attributes, text = '') {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

function rows(id, entries) {
  const none = element('tr', {}, element('td', { colSpan: 5, className: 'empty' }, 'None yet.'));
  const filled = entries.map((cells) =>
    element(
      'tr',
      {},
      ...cells.map(({ text, kind = '' }) => element('td', { className: kind }, text)),
    ),
  );
  byId(id).replaceChildren(...(filled.length > 0 ? filled : [none]));
}

/** Sums several series into one list of points by time. */
function merged(series) {
  const points = new Map();
  for (const { points: own } of series) {
    for (const { time, sum, count } of own) {
      const at = Math.floor(Date.parse(time) / BUCKET_MS) * BUCKET_MS;
      const before = points.get(at) ?? { sum: 0, count: 0 };
      points.set(at, { sum: before.sum + sum, count: before.count + count });
    }
  }
  return [...points].map(([at, values]) => ({ at, ...values })).sort((a, b) => a.at - b.at);
}

function chart(id, points, { label, line }) {
  const svg = byId(id);
  const [, , width, height] = svg.getAttribute('viewBox').split(' ').map(Number);
  const end = Math.floor(Date.now() / BUCKET_MS) * BUCKET_MS;
  // Wide enough for what there is, at least two minutes: a young platform is not a sliver at the edge.
  const first = points[0]?.at ?? end;
  const start = Math.max(end - WINDOW_MS, Math.min(first, end - 12 * BUCKET_MS));
  const span = end - start;
  const top = Math.max(...points.map(({ value }) => value), (line ?? 0) * 1.5, 1e-6);
  const x = (at) => 60 + ((at - start) / span) * (width - 70);
  const y = (value) => height - 20 - (value / top) * (height - 35);
  const parts = [
    shape('line', { class: 'axis', x1: 60, x2: width - 10, y1: y(0), y2: y(0) }),
    shape('text', { x: 0, y: y(top) + 4 }, label(top)),
    shape('text', { x: 0, y: y(0) + 4 }, label(0)),
    shape('text', { x: 60, y: height - 4 }, `${Math.round(span / 60_000)} minutes ago`),
    shape('text', { x: width - 10, y: height - 4, 'text-anchor': 'end' }, 'now'),
  ];
  if (line !== undefined) {
    parts.push(
      shape('line', { class: 'target', x1: 60, x2: width - 10, y1: y(line), y2: y(line) }),
    );
    parts.push(shape('text', { x: 0, y: y(line) + 4 }, label(line)));
  }
  const path = points
    .map(({ at, value }, index) => {
      const joined = index > 0 && at - points[index - 1].at <= 2 * BUCKET_MS;
      return `${joined ? 'L' : 'M'}${x(at).toFixed(1)} ${y(value).toFixed(1)}${joined ? '' : 'h1'}`;
    })
    .join('');
  if (path !== '') parts.push(shape('path', { class: 'series', d: path }));
  svg.replaceChildren(...parts);
}

function drawTraffic(metrics) {
  const balancer = (name) =>
    merged(
      metrics.filter((series) => series.namespace === 'AWS/ApplicationELB' && series.name === name),
    );
  const minute = (points) => points.filter(({ at }) => at > Date.now() - 60_000 - BUCKET_MS);
  const total = (points, field = 'sum') => points.reduce((sum, point) => sum + point[field], 0);
  const requests = balancer('RequestCount');
  const times = balancer('TargetResponseTime');
  const recent = minute(times);
  const decisions = metrics.filter(
    (series) => series.name === 'Decisions' && series.dimensions.Decision === 'deny',
  );
  byId('requests').textContent = String(total(minute(requests)));
  byId('latency').textContent =
    recent.length === 0
      ? '–'
      : `${((total(recent) / total(recent, 'count')) * 1000).toFixed(1)} ms`;
  byId('denied').textContent = String(total(minute(merged(decisions))));
  byId('errors').textContent = String(total(minute(balancer('HTTPCode_Target_5XX_Count'))));
  chart(
    'latency-chart',
    times.map(({ at, sum, count }) => ({ at, value: sum / count })),
    { label: (value) => `${(value * 1000).toFixed(1)} ms`, line: TARGET_SECONDS },
  );
  chart(
    'requests-chart',
    requests.map(({ at, sum }) => ({ at, value: sum })),
    { label: (value) => value.toFixed(0) },
  );
}

function drawDecisions(metrics) {
  const found = metrics
    .filter(
      ({ name, dimensions }) => name === 'Decisions' && dimensions.Decision && dimensions.Reason,
    )
    .map(({ dimensions, points }) => ({
      ...dimensions,
      count: points.reduce((sum, point) => sum + point.sum, 0),
    }))
    .sort((a, b) => b.count - a.count);
  rows(
    'decisions',
    found.map(({ Decision, Reason, count }) => [
      { text: Decision, kind: Decision },
      { text: Reason },
      { text: String(count) },
    ]),
  );
}

function drawTraces(spans) {
  const traces = Map.groupBy(spans, ({ traceId }) => traceId);
  // Health checks come every second and say nothing.
  const told = [...traces.values()].filter((trace) => !trace.some(isHealthCheck));
  const drawn = told.slice(0, TRACES).map((own) => {
    const sorted = own.toSorted((a, b) => a.startMs - b.startMs);
    const start = sorted[0].startMs;
    const length = Math.max(...sorted.map((span) => span.startMs + span.durationMs - start), 0.001);
    return element(
      'div',
      { className: 'trace' },
      ...sorted.map((span) => spanRow(span, start, length)),
    );
  });
  const none = element('p', { className: 'empty' }, 'None yet: call the API.');
  byId('traces').replaceChildren(...(drawn.length > 0 ? drawn : [none]));
}

const isHealthCheck = (span) => /^\/(healthz|readyz)$/.test(span.attributes['http.route'] ?? '');

function spanRow(span, start, length) {
  const bar = shape('svg', { viewBox: '0 0 100 10', preserveAspectRatio: 'none', height: 10 });
  const left = ((span.startMs - start) / length) * 100;
  const width = Math.max((span.durationMs / length) * 100, 0.5);
  bar.append(shape('rect', { x: left, y: 1, width, height: 8 }));
  const status = span.attributes['http.response.status_code'];
  const name = status === undefined ? span.name : `${span.name} ${status}`;
  return element(
    'div',
    { className: 'span' },
    element('span', { className: span.error ? 'failed' : '' }, name),
    bar,
    element('span', {}, `${span.durationMs.toFixed(1)} ms`),
  );
}

async function refresh() {
  const since = new Date(Date.now() - WINDOW_MS).toISOString();
  const [platform, { series }, { spans }] = await Promise.all([
    json('/api/platform'),
    json(`/api/metrics?since=${since}`),
    json('/api/traces'),
  ]);
  byId('where').textContent = `stack ${platform.stack} · ${platform.edge} · ${platform.region}`;
  rows(
    'tasks',
    platform.tasks.map(({ id, state, port, pid, inFlight }) => [
      { text: id },
      { text: state, kind: state },
      { text: String(port) },
      { text: String(pid) },
      { text: String(inFlight) },
    ]),
  );
  drawTraffic(series);
  drawDecisions(series);
  drawTraces(spans);
}

async function loop() {
  try {
    await refresh();
  } catch {
    byId('where').textContent = 'The platform does not answer: it has probably been ended.';
  }
  setTimeout(loop, REFRESH_MS);
}

void loop();
