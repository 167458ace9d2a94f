// Keys: who may call; issue, rotate and revoke, by the functions of the command line.
import { useState } from 'preact/hooks';
import { act, useRead } from '../asking';
import type { ViewProps } from '../main';
import { State } from '../alarms';
import { Action, Card, Copy, Table } from '../parts';
import { linkTo } from '../place';

interface Key {
  id: string;
  owner: string;
  name: string;
  scopes: string[];
  status: string;
  createdAt: string;
  expiresAt: string;
}

interface Issued {
  id: string;
  key: string;
}

export function KeysView({ about, every, place }: ViewProps) {
  const { data, again } = useRead<{ keys: Key[] }>('/api/keys', every === 0 ? 0 : 5_000);
  const [issued, setIssued] = useState<Issued>();
  const shown = (made: Issued) => {
    setIssued(made);
    again();
  };
  return (
    <>
      {issued !== undefined && (
        <div class="sentence good" role="status">
          <strong>NEW KEY</strong>
          <p>
            <code id="new-key">{issued.key}</code>
            <br />
            It is shown once. The edge knows it at once.
          </p>
          <Copy text={issued.key}>Copy</Copy>
          <a
            href={linkTo({ view: 'api', name: '', parameters: {} })}
            onClick={() => sessionStorage.setItem('gatehouse-key', issued.key)}
          >
            Use it in API
          </a>
        </div>
      )}
      <Card title="Issue a key">
        <IssueForm scopes={about.scopes} onIssued={shown} />
      </Card>
      <Card title="Keys" note="newest first">
        <Table
          label="Keys"
          columns={['Key', 'Owner', 'Scopes', 'State', 'Ends', 'Actions']}
          empty="There is no key."
          rows={(data?.keys ?? []).map((key) => ({
            key: key.id,
            cells: [
              <>
                <code>{key.id}</code> <small>{key.name}</small>
              </>,
              key.owner,
              key.scopes.join(', '),
              <State name={key.status} />,
              key.expiresAt.slice(0, 16).replace('T', ' '),
              key.status === 'active' ? (
                <>
                  <Action
                    aria-label={`Rotate ${key.id}`}
                    run={() => act<Issued>(`/api/keys/${key.id}/rotate`).then(shown)}
                  >
                    Rotate
                  </Action>{' '}
                  <Action
                    aria-label={`Revoke ${key.id}`}
                    run={() => act(`/api/keys/${key.id}/revoke`).then(again)}
                  >
                    Revoke
                  </Action>
                </>
              ) : (
                ''
              ),
            ],
          }))}
        />
      </Card>
      <p class="empty">
        What a key did: filter the <a href={linkTo({ ...place, view: 'logs', name: '' })}>logs</a>{' '}
        by its id.
      </p>
    </>
  );
}

function IssueForm({
  scopes,
  onIssued,
}: {
  scopes: Record<string, string>;
  onIssued: (issued: Issued) => void;
}) {
  const [error, setError] = useState<string>();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    act<Issued>('/api/keys', {
      ...{ owner: form.get('owner'), name: form.get('name'), expires: form.get('expires') },
      scopes: form.getAll('scope'),
    }).then(
      (made) => {
        setError(undefined);
        onIssued(made);
      },
      (wrong: Error) => setError(wrong.message),
    );
  };
  return (
    <form class="form" onSubmit={submit}>
      <label>
        Owner
        <input
          name="owner"
          type="email"
          required
          placeholder="you@example.com"
          autoComplete="off"
        />
      </label>
      <label>
        For what
        <input name="name" type="text" placeholder="nightly report" autoComplete="off" />
      </label>
      <label>
        Lives
        <input name="expires" type="text" value="90d" size={5} />
      </label>
      <fieldset>
        <legend>Scopes</legend>
        {Object.entries(scopes).map(([scope, does], index) => (
          <label key={scope} title={does}>
            <input type="checkbox" name="scope" value={scope} defaultChecked={index === 0} />{' '}
            {scope}
          </label>
        ))}
      </fieldset>
      <button type="submit" class="primary">
        Issue
      </button>
      {error !== undefined && (
        <p role="alert" class="wrong">
          {error}
        </p>
      )}
    </form>
  );
}
