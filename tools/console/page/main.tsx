// The page: heading, tabs, time range, and the view that the address names.
import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import type { About } from '../view';
import { useRead } from './asking';
import { clock } from './format';
import { Copy } from './parts';
import { go, linkTo, usePlace, VIEWS } from './place';
import type { Place, View } from './place';
import { chooseTheme, restoreTheme, useTheme } from './theme';
import { ApiView } from './views/api';
import { DashboardsView } from './views/dashboards';
import { DataView } from './views/data';
import { KeysView } from './views/keys';
import { LogsView } from './views/logs';
import { NowView } from './views/now';
import { TracesView } from './views/traces';

/** What each view gets. */
export interface ViewProps {
  about: About;
  place: Place;
  /** Seconds that are looked at. */
  range: number;
  /** Milliseconds between two looks; 0 for none. */
  every: number;
  onEnded: (ended: boolean) => void;
}

const TITLES: Record<View, string> = {
  now: 'Now',
  dashboards: 'Dashboards',
  traces: 'Traces',
  logs: 'Logs',
  keys: 'Keys',
  data: 'Data',
  api: 'API',
};

const VIEW: Record<View, (props: ViewProps) => preact.JSX.Element> = {
  now: NowView,
  dashboards: DashboardsView,
  traces: TracesView,
  logs: LogsView,
  keys: KeysView,
  data: DataView,
  api: ApiView,
};

const RANGES: readonly [string, string][] = [
  ['300', '5 minutes'],
  ['900', '15 minutes'],
  ['3600', '1 hour'],
  ['10800', '3 hours'],
  ['21600', '6 hours'],
  ['86400', '24 hours'],
];
const EVERY: readonly [string, string][] = [
  ['2', '2 s'],
  ['5', '5 s'],
  ['30', '30 s'],
  ['0', 'not'],
];
const ALIVE_MS = 2_000;

function App() {
  const place = usePlace();
  const { data: about, ended } = useRead<About>('/api/about', ALIVE_MS);
  useEffect(() => {
    document.title = `${TITLES[place.view]} · Gatehouse${about === undefined ? '' : ` · ${about.stack}`}`;
  }, [place.view, about?.stack]);
  if (about === undefined) {
    return (
      <p class="empty waiting">
        {ended
          ? 'The platform does not answer: start it with npm run local.'
          : 'Reading the platform …'}
      </p>
    );
  }
  const Chosen = VIEW[place.view];
  const range = Number(place.parameters.range ?? '900');
  const every = Number(place.parameters.every ?? '2') * 1000;
  return (
    <>
      <a class="skip" href="#main">
        Skip to the view
      </a>
      <Heading about={about} place={place} />
      {ended && (
        <p role="alert" class="banner">
          The platform has ended. This is its last state, seen at {clock(Date.now())}.
        </p>
      )}
      <main id="main" tabIndex={-1} class={ended ? 'ended' : ''}>
        <h1 class="sr">{TITLES[place.view]}</h1>
        <Chosen
          key={place.view}
          {...{ about, place, range, every: ended ? 0 : every }}
          onEnded={() => undefined}
        />
      </main>
    </>
  );
}

function Heading({ about, place }: { about: About; place: Place }) {
  const { parameters } = place;
  const theme = useTheme();
  const kept = { range: parameters.range ?? '', every: parameters.every ?? '' };
  const set = (name: string) => (event: { currentTarget: HTMLSelectElement }) =>
    go({ ...place, parameters: { ...parameters, [name]: event.currentTarget.value } });
  const call = `curl -i ${about.edge}${about.sample.path} -H '${about.keyHeader}: ${about.key}'`;
  return (
    <header>
      <div class="where">
        <strong class="brand">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="7" />
            <path d="M7 25V14a9 9 0 0 1 18 0v11h-5V14a4 4 0 0 0-8 0v11z" />
          </svg>
          Gatehouse
        </strong>{' '}
        <span class="stack">
          {about.stack} · {about.region} ·{' '}
          <a href={about.edge}>{about.edge.replace('http://', '')}</a>
        </span>{' '}
        <Copy text={call}>Copy curl</Copy> <Copy text={about.key}>Copy key</Copy>
      </div>
      <div class="choices">
        <label>
          Last{' '}
          <select value={parameters.range ?? '900'} onChange={set('range')}>
            {RANGES.map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label>
          Refresh{' '}
          <select value={parameters.every ?? '2'} onChange={set('every')}>
            {EVERY.map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          class="small"
          aria-pressed={theme === 'dark'}
          onClick={() => chooseTheme(theme === 'dark' ? 'light' : 'dark')}
        >
          Dark
        </button>
      </div>
      <nav aria-label="Views">
        {VIEWS.map((view) => (
          <a
            key={view}
            href={linkTo({ view, name: '', parameters: kept })}
            {...(view === place.view ? { 'aria-current': 'page' } : {})}
          >
            {TITLES[view]}
          </a>
        ))}
      </nav>
    </header>
  );
}

restoreTheme();
const app = document.getElementById('app');
if (app !== null) render(<App />, app);
