// Validation results as JSON:API problems: which code, and a pointer to something that exists.
import type { Context } from 'hono';
import { UsersError } from './errors';
import type { ErrorSource } from '../kit/errors';
import type { UsersErrorCode, UsersProblem } from './errors';

interface Issue {
  readonly code?: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
}

type Result =
  | { success: true }
  | { success: false; target: string; data?: unknown; error: { issues: readonly Issue[] } };

const RESERVED = new Set(['sort', 'include']);

/** Hook for every route: throws what the schemas found as one error. */
export function throwProblems(result: Result, c: Context): void {
  if (result.success) return;
  const problems =
    result.target === 'json'
      ? result.error.issues.map((issue) => bodyProblem(issue, result.data, c.req.method))
      : result.error.issues.flatMap(parameterProblems);
  const [first, ...rest] = problems;
  if (first !== undefined) throw new UsersError([first, ...rest]);
}

function parameterProblems(issue: Issue): UsersProblem[] {
  const problem = (parameter: string, detail: string): UsersProblem => ({
    code: 'invalid_parameter',
    detail,
    source: { parameter },
  });
  if (issue.keys === undefined) {
    const name = String(issue.path[0]);
    return [problem(name, `${name} ${issue.message}.`)];
  }
  return issue.keys.map((key) =>
    problem(
      key,
      RESERVED.has(key)
        ? `${key} is not supported here; leave it out.`
        : 'This query parameter is not known here; leave it out.',
    ),
  );
}

function bodyProblem(issue: Issue, body: unknown, method: string): UsersProblem {
  const path = issue.path.map(String);
  const last = path.at(-1);
  const code = bodyCode(path.join('/'), last, valueAt(body, path), method);
  return {
    code,
    detail: `${last ?? 'The document'} ${issue.message}.`,
    source: pointerTo(body, path),
  };
}

function bodyCode(
  path: string,
  last: string | undefined,
  value: unknown,
  method: string,
): UsersErrorCode {
  switch (path) {
    case 'data/type':
      return typeof value === 'string' ? 'type_conflict' : 'invalid_document';
    case 'data/id':
      return method === 'POST' ? 'client_id_unsupported' : 'invalid_document';
    case 'data/relationships':
      return 'unsupported_update';
    default:
      if (last === 'createdAt' || last === 'updatedAt') return 'unsupported_update';
      return path.startsWith('data/attributes/') ? 'invalid_attribute' : 'invalid_document';
  }
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function valueAt(body: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (isContainer(value) && Object.hasOwn(value, key) ? value[key] : undefined),
    body,
  );
}

/** JSON pointer to the value, or to its nearest parent that the request does have. */
export function pointerTo(body: unknown, path: readonly string[]): ErrorSource {
  let value = body;
  let pointer = '';
  for (const key of path) {
    if (!isContainer(value) || !Object.hasOwn(value, key)) break;
    value = value[key];
    pointer += `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  }
  return { pointer };
}
