// CloudWatch's search expressions: '{Namespace,Dimension,...} MetricName="x" Dimension="y"'.

interface Candidate {
  namespace: string;
  name: string;
  dimensions: Readonly<Record<string, string>>;
}

const SCHEMA = /^\s*\{([^}]*)\}/;
const PROPERTY = /(?:"([^"]+)"|([\w.:/-]+))\s*=\s*(?:"([^"]*)"|([^\s"]+))/gy;
const BLANKS = /\s*(?:AND\s+)?/y;

/**
 * Reads a search expression with a schema and properties. A quoted value is matched whole, one
 * without quotes as a part; a word of its own matches a part of any name or value.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
 * @throws Error for one without a schema, or with operators (OR, NOT, parentheses).
 */
export function matcherOf(expression: string): (metric: Candidate) => boolean {
  const schema = SCHEMA.exec(expression);
  const names = (schema?.[1] ?? '').split(',').map((name) => name.trim().replaceAll('"', ''));
  const [namespace, ...dimensions] = names;
  if (schema === null || namespace === undefined || namespace === '') {
    throw new Error(
      `The search expression ${expression} has no schema: it starts with {Namespace,Dimension,...}.`,
    );
  }
  const tests = termsOf(expression.slice(schema[0].length), expression);
  return (metric) =>
    metric.namespace === namespace &&
    Object.keys(metric.dimensions).length === dimensions.length &&
    dimensions.every((name) => name in metric.dimensions) &&
    tests.every((test) => test(metric));
}

function termsOf(text: string, expression: string): ((metric: Candidate) => boolean)[] {
  const tests: ((metric: Candidate) => boolean)[] = [];
  let position = 0;
  const skip = () => {
    BLANKS.lastIndex = position;
    BLANKS.exec(text);
    position = BLANKS.lastIndex;
  };
  for (skip(); position < text.length; skip()) {
    PROPERTY.lastIndex = position;
    const property = PROPERTY.exec(text);
    const word = /^(?:"([^"]+)"|([^\s"()]+))/.exec(text.slice(position));
    if (property !== null) {
      const [whole, quotedName, bareName, exact, part] = property;
      tests.push(propertyTest(quotedName ?? bareName ?? '', exact, part));
      position += whole.length;
    } else if (word !== null && !['OR', 'NOT'].includes(word[0])) {
      const wanted = (word[1] ?? word[2] ?? '').toLowerCase();
      tests.push(({ name, dimensions }) =>
        [name, ...Object.values(dimensions)].some((value) => value.toLowerCase().includes(wanted)),
      );
      position += word[0].length;
    } else {
      throw new Error(
        `The search expression ${expression} can't be read at "${text.slice(position)}": write Name="value" terms, which must all hold.`,
      );
    }
  }
  return tests;
}

function propertyTest(key: string, exact: string | undefined, part: string | undefined) {
  return ({ namespace, name, dimensions }: Candidate) => {
    const value = key === 'MetricName' ? name : key === 'Namespace' ? namespace : dimensions[key];
    if (value === undefined) return false;
    return exact === undefined
      ? value.toLowerCase().includes((part ?? '').toLowerCase())
      : value === exact;
  };
}

/** What CloudWatch calls the lines of a search: by that alone in which they differ. */
export function labelsOf(found: readonly Candidate[]): (one: Candidate) => string {
  const [first] = found;
  const differs = (read: (one: Candidate) => string | undefined) =>
    found.some((other) => read(other) !== (first === undefined ? undefined : read(first)));
  const all = Object.keys(first?.dimensions ?? {});
  const names =
    found.length === 1 ? all : all.filter((name) => differs(({ dimensions }) => dimensions[name]));
  const withName = names.length === all.length || differs(({ name }) => name);
  return ({ name, dimensions }) =>
    [...(withName ? [name] : []), ...names.map((each) => dimensions[each] ?? '')].join(' ');
}
