// Where one is, kept in the address: a copied link opens the same view.
import { useEffect, useState } from 'preact/hooks';

export const VIEWS = ['now', 'dashboards', 'traces', 'logs', 'keys', 'data', 'api'] as const;
export type View = (typeof VIEWS)[number];

/** A view, what is chosen in it, and its parameters. */
export interface Place {
  view: View;
  /** The dashboard, trace or table that is looked at; empty for none. */
  name: string;
  parameters: Record<string, string>;
}

function read(): Place {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  const [view = '', name = ''] = path.split('/');
  return {
    view: (VIEWS as readonly string[]).includes(view) ? (view as View) : 'now',
    name: decoded(name),
    parameters: Object.fromEntries(new URLSearchParams(query)),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The address of a place. */
export function linkTo({ view, name, parameters }: Place): string {
  const kept = Object.entries(parameters).filter(([, value]) => value !== '');
  const query = new URLSearchParams(kept).toString();
  const path = name === '' ? view : `${view}/${encodeURIComponent(name)}`;
  return `#/${path}${query === '' ? '' : `?${query}`}`;
}

/** Goes somewhere; typing in a filter leaves no trail in the history. */
export function go(place: Place, replace = false): void {
  if (replace) {
    history.replaceState(null, '', linkTo(place));
    dispatchEvent(new HashChangeEvent('hashchange'));
  } else {
    location.hash = linkTo(place);
  }
}

export function usePlace(): Place {
  const [place, setPlace] = useState(read);
  useEffect(() => {
    const changed = () => setPlace(read());
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return place;
}
