// Data: the tables, read-only; what the workload does not declare readable is masked.
import type { DataPage } from '../../view';
import { useRead } from '../asking';
import type { ViewProps } from '../main';
import { Card, Table } from '../parts';
import { linkTo } from '../place';

export function DataView({ about, place, every }: ViewProps) {
  const table = place.name === '' ? (about.tables[0] ?? '') : place.name;
  const { data, error } = useRead<DataPage>(
    `/api/data/${encodeURIComponent(table)}`,
    every === 0 ? 0 : Math.max(every, 5_000),
  );
  const columns = [...new Set((data?.items ?? []).flatMap((item) => Object.keys(item)))];
  return (
    <>
      <nav class="subtabs" aria-label="Tables">
        {about.tables.map((name) => (
          <a
            key={name}
            href={linkTo({ ...place, name })}
            {...(name === table ? { 'aria-current': 'page' as const } : {})}
          >
            {name}
          </a>
        ))}
      </nav>
      <Card
        title={`Table ${table}`}
        note={data?.more === true ? 'the first 50 items' : 'all items'}
      >
        {error !== undefined && <p class="empty">{error}</p>}
        {data !== undefined && data.masked.length > 0 && (
          <p>Masked, as the workload does not declare it readable: {data.masked.join(', ')}.</p>
        )}
        {data !== undefined && (
          <Table
            label={`Items of ${table}`}
            columns={columns}
            empty="The table holds nothing yet."
            rows={data.items.map((item, index) => ({
              key: String(index),
              cells: columns.map((column) => shown(item[column])),
            }))}
          />
        )}
      </Card>
    </>
  );
}

function shown(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
