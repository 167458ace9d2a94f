// Metrics and expressions of one request, as GetMetricData evaluates them.
import { compileMetricMath, linesOf } from './metric-math';
import type { MathContext, MathValue } from './math-values';
import type { MetricMath } from './metric-math';
import type { MetricReference, MetricSource, TimeSeries, Window } from './series';

/** A line of a request: a metric, or an expression over other lines. */
export interface MetricDataQuery {
  /** How expressions name it; a lower-case letter first. */
  readonly id: string;
  readonly metric?: MetricReference;
  readonly expression?: string;
  /** @default the id */
  readonly label?: string;
}

/** Evaluates a request's lines over a window; `get` yields one value or several for a SEARCH. */
export interface MetricData {
  evaluate(source: MetricSource, window: Window): { get(id: string): TimeSeries[] };
  /** Ids whose expressions look metrics up; an alarm or a policy may not. */
  readonly searching: readonly string[];
}

/**
 * Reads a request once, so that it can be evaluated often.
 * @throws Error for an expression that can't be read, an unknown id, or a circle.
 */
export function compileMetricData(queries: readonly MetricDataQuery[]): MetricData {
  const byId = new Map(queries.map((query) => [query.id, query]));
  const expressions = new Map<string, MetricMath>();
  for (const { id, expression } of queries) {
    if (expression !== undefined) expressions.set(id, compileMetricMath(expression));
  }
  for (const { id } of queries) checkReferences(id, expressions, byId, []);
  return {
    searching: [...expressions].filter(([, { searches }]) => searches).map(([id]) => id),
    evaluate: (source, window) => {
      const values = new Map<string, MathValue>();
      const valueOf = (id: string): MathValue | undefined => {
        const known = values.get(id);
        if (known !== undefined) return known;
        const query = byId.get(id);
        if (query === undefined) return undefined;
        const { metric, label = id } = query;
        const value =
          metric === undefined
            ? expressions.get(id)?.evaluate(context)
            : { label, values: source.values(metric, window) };
        if (value !== undefined) values.set(id, value);
        return value;
      };
      const context: MathContext = {
        window,
        line: valueOf,
        metrics: () =>
          queries.flatMap((other) => {
            const series = other.metric === undefined ? undefined : valueOf(other.id);
            return typeof series === 'object' && 'values' in series
              ? [{ id: other.id, series: series as TimeSeries }]
              : [];
          }),
        search: (expression, stat) => source.search(expression, stat, window),
      };
      return {
        get: (id) => {
          const query = byId.get(id);
          const value = valueOf(id);
          if (query === undefined || value === undefined) return [];
          const label = query.label ?? id;
          const found = linesOf(value, window, label);
          // What a SEARCH finds names itself.
          return Array.isArray(value)
            ? found
            : found.map(({ values: own }) => ({ label, values: own }));
        },
      };
    },
  };
}

function checkReferences(
  id: string,
  expressions: ReadonlyMap<string, MetricMath>,
  known: ReadonlyMap<string, MetricDataQuery>,
  path: readonly string[],
): void {
  if (path.includes(id)) {
    throw new Error(
      `The expressions ${[...path, id].join(' -> ')} refer to each other in a circle.`,
    );
  }
  for (const other of expressions.get(id)?.ids ?? []) {
    if (!known.has(other)) {
      throw new Error(
        `The expression ${id} names ${other}, which is no line of its request (${[...known.keys()].join(', ')}).`,
      );
    }
    checkReferences(other, expressions, known, [...path, id]);
  }
}
