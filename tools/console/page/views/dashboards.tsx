// Dashboards: the recorded bodies in CloudWatch's grid of 24 columns, with this machine's numbers.
import type { DrawnDashboard, MetricWidget } from '../../view';
import { useRead } from '../asking';
import { Chart } from '../chart';
import { colourOf } from '../colours';
import { number } from '../format';
import type { ViewProps } from '../main';
import { Markdown } from '../markdown';
import { AlarmList } from '../alarms';
import { Sparkline, Table } from '../parts';
import { linkTo } from '../place';

/** Pixels of a row of the grid with its gap, and of what stands around a graph. */
const ROW = 56;
const AROUND = 120;

type Widget = DrawnDashboard['widgets'][number];

export function DashboardsView({ about, place, range, every }: ViewProps) {
  const name = place.name === '' ? (about.dashboards[0]?.name ?? '') : place.name;
  const read = useRead<DrawnDashboard>(
    `/api/dashboards/${encodeURIComponent(name)}?range=${range}`,
    // Points are a minute long: to look more often shows nothing new.
    every === 0 ? 0 : Math.max(every, 5_000),
  );
  return (
    <>
      <nav class="subtabs" aria-label="Dashboards">
        {about.dashboards.map((dashboard) => (
          <a
            key={dashboard.name}
            href={linkTo({ ...place, name: dashboard.name })}
            {...(dashboard.name === name ? { 'aria-current': 'page' as const } : {})}
          >
            {dashboard.title}
          </a>
        ))}
      </nav>
      {read.error !== undefined && <p class="empty">{read.error}</p>}
      {read.data !== undefined && <Grid dashboard={read.data} />}
    </>
  );
}

/** The widgets in their places. */
export function Grid({ dashboard }: { dashboard: DrawnDashboard }) {
  return (
    <div class="grid">
      {dashboard.widgets.map((widget, index) => (
        <div
          key={`${dashboard.name}${index}`}
          class={`widget card ${widget.type}`}
          {...(widget.title === '' ? {} : { role: 'group', 'aria-label': widget.title })}
          style={{
            '--x': String(widget.x + 1),
            '--w': String(widget.width),
            '--y': String(widget.y + 1),
            '--h': String(widget.height),
          }}
        >
          {widget.title !== '' && <h2>{widget.title}</h2>}
          <Content widget={widget} nowMs={dashboard.atMs} />
        </div>
      ))}
    </div>
  );
}

function Content({ widget, nowMs }: { widget: Widget; nowMs: number }) {
  if (widget.absent !== undefined) return <p class="empty">{widget.absent}</p>;
  switch (widget.type) {
    case 'text':
      return <Markdown text={widget.markdown} />;
    case 'alarm':
      return <AlarmList alarms={widget.states ?? []} nowMs={nowMs} />;
    case 'log':
      return <LogTable title={widget.title} rows={widget.rows} query={widget.query} />;
    case 'unknown':
      return <p class="empty">{widget.reason}</p>;
    case 'metric':
      return <Metric widget={widget} />;
  }
}

function Metric({ widget }: { widget: MetricWidget }) {
  switch (widget.view) {
    case 'singleValue':
      return <SingleValues widget={widget} />;
    case 'gauge':
      return <Gauges widget={widget} />;
    case 'bar':
    case 'pie':
    case 'table':
      return <Bars widget={widget} />;
    case 'timeSeries':
      return <Chart widget={widget} height={Math.max(110, widget.height * ROW - AROUND)} />;
  }
}

const lastOf = (values: readonly (number | null)[]) =>
  values.findLast((value) => value !== null) ?? null;

function SingleValues({ widget }: { widget: MetricWidget }) {
  return (
    <div class="singles">
      {widget.lines.map(({ label, values }) => (
        <figure key={label}>
          <figcaption>{label}</figcaption>
          <b>{number(lastOf(values))}</b>
          {widget.sparkline && <Sparkline values={values} />}
        </figure>
      ))}
    </div>
  );
}

function Gauges({ widget }: { widget: MetricWidget }) {
  const { min = 0, max = 100 } = widget.axes.left;
  return (
    <div class="singles">
      {widget.lines.map(({ label, values }) => (
        <figure key={label}>
          <figcaption>{label}</figcaption>
          <meter aria-label={label} min={min} max={max} value={lastOf(values) ?? min} />
          <b>{number(lastOf(values))}</b>
        </figure>
      ))}
    </div>
  );
}

/** Sums over the range, as bars with their numbers: a pie tells them apart by colour alone. */
function Bars({ widget }: { widget: MetricWidget }) {
  const rows = widget.lines.map(({ label, colour, values }, index) => ({
    ...{ label, colour: colourOf(colour, index) },
    sum: values.reduce<number>((sum, value) => sum + (value ?? 0), 0),
  }));
  const most = Math.max(...rows.map(({ sum }) => sum), 1e-9);
  return (
    <ul class="bars">
      {rows.map(({ label, colour, sum }) => (
        <li key={label}>
          <span>{label}</span>
          <i style={{ background: colour, width: `${(60 * sum) / most}%` }} />
          <b>{number(sum)}</b>
        </li>
      ))}
    </ul>
  );
}

function LogTable({
  title,
  rows,
  query,
}: {
  title: string;
  rows: Record<string, string>[] | undefined;
  query: string;
}) {
  if (rows === undefined) {
    return <p class="empty">This query uses a command that is not imitated here: {query}</p>;
  }
  const columns = Object.keys(rows[0] ?? {});
  return (
    <Table
      label={title}
      columns={columns}
      empty="No line matches in this time range."
      rows={rows.map((row, index) => ({
        key: String(index),
        cells: columns.map((column) => {
          const value = row[column] ?? '';
          const isId = /traceId/.test(column) && value !== '';
          return isId ? <a href={`#/traces/${value}`}>{value.slice(0, 8)}…</a> : value;
        }),
      }))}
    />
  );
}
