// CloudWatch's metric math over time series, with its rules for missing data.
import { FUNCTIONS } from './metric-functions';
import type { MathArgument, MathContext, MathValue } from './math-values';
import { parseMetricMath } from './metric-math-parser';
import type { Node, Operator } from './metric-math-parser';
import { empty } from './series';
import type { TimeSeries, Window } from './series';

/** A compiled expression. */
export interface MetricMath {
  /** Ids of the lines that it names. */
  ids: string[];
  /** Whether it looks metrics up; an alarm or a policy may not. */
  searches: boolean;
  evaluate(context: MathContext): MathValue;
}

/** What AWS's rule for one missing side (it counts as 0) and both (no point) leaves to do. */
const OPERATORS: Record<Operator, (a: number, b: number) => number> = {
  '||': (a, b) => Number(a !== 0 || b !== 0),
  '&&': (a, b) => Number(a !== 0 && b !== 0),
  '<': (a, b) => Number(a < b),
  '>': (a, b) => Number(a > b),
  '<=': (a, b) => Number(a <= b),
  '>=': (a, b) => Number(a >= b),
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => (b === 0 ? Number.NaN : a / b),
  '^': (a, b) => a ** b,
};

/**
 * Compiles an expression.
 *
 * Between two series a value that only one of them has is paired with 0; where neither has one,
 * and where a series meets a number without having a value itself, there is no point. Division by
 * 0 drops the point.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 * @throws Error that shows where it can't be read, or names a function that is not known here.
 */
export function compileMetricMath(expression: string): MetricMath {
  const tree = parseMetricMath(expression);
  const ids = new Set<string>();
  let searches = false;
  visit(tree, (node) => {
    if (node.kind === 'line') ids.add(node.id);
    if (node.kind !== 'call') return;
    const known = FUNCTIONS[node.name];
    if (known === undefined) {
      throw new Error(
        `Metric math "${expression}": ${node.name} is not known here; ${Object.keys(FUNCTIONS).join(', ')} are.`,
      );
    }
    if (node.args.length < known.least || node.args.length > known.most) {
      throw new Error(
        `Metric math "${expression}": ${node.name} takes ${known.least === known.most ? known.most : `${known.least} to ${known.most}`} arguments, not ${node.args.length}.`,
      );
    }
    if (node.name === 'SEARCH') searches = true;
  });
  return {
    ids: [...ids],
    searches,
    evaluate: (context) => {
      try {
        return valueOf(tree, context);
      } catch (error) {
        throw new Error(`Metric math "${expression}": ${(error as Error).message}`, {
          cause: error,
        });
      }
    },
  };
}

/** The lines of a value; a number is a line of that number. */
export function linesOf(value: MathValue, window: Window, label: string): TimeSeries[] {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'number') return [value];
  return [{ label, values: new Float64Array(window.count).fill(value) }];
}

function visit(node: Node, see: (node: Node) => void): void {
  see(node);
  if (node.kind === 'array') node.items.forEach((item) => visit(item, see));
  if (node.kind === 'call') node.args.forEach((arg) => visit(arg, see));
  if (node.kind === 'negative') visit(node.operand, see);
  if (node.kind === 'binary') [node.left, node.right].forEach((side) => visit(side, see));
}

function valueOf(node: Node, context: MathContext): MathValue {
  const value = argumentOf(node, context);
  if (typeof value === 'object' && 'word' in value) {
    throw new Error(`${value.word} is no value.`);
  }
  return value;
}

function argumentOf(node: Node, context: MathContext): MathArgument {
  switch (node.kind) {
    case 'number':
      return node.value;
    case 'text':
    case 'keyword':
      return { word: node.value };
    case 'line': {
      const value = context.line(node.id);
      if (value === undefined) throw new Error(`there is no line ${node.id}.`);
      return value;
    }
    case 'array':
      return node.items.flatMap((item) => linesOf(valueOf(item, context), context.window, ''));
    case 'negative':
      return combine(OPERATORS['-'], 0, valueOf(node.operand, context), context.window);
    case 'binary':
      return combine(
        OPERATORS[node.operator],
        valueOf(node.left, context),
        valueOf(node.right, context),
        context.window,
      );
    case 'call': {
      const args = node.args.map((arg) => argumentOf(arg, context));
      // Compiling has seen to it that the function is known.
      return FUNCTIONS[node.name]?.run(args, context) ?? empty(context.window, node.name);
    }
  }
}

function combine(
  apply: (a: number, b: number) => number,
  left: MathValue,
  right: MathValue,
  window: Window,
): MathValue {
  if (Array.isArray(left) && Array.isArray(right)) {
    if (left.length !== right.length) {
      throw new Error(`arrays of ${left.length} and ${right.length} lines can't be combined.`);
    }
    return left.map((one, index) => pair(apply, one, right[index] ?? empty(window, ''), window));
  }
  if (Array.isArray(left)) return left.map((one) => pair(apply, one, right as TimeSeries, window));
  if (Array.isArray(right)) {
    return right.map((one) => ({
      ...pair(apply, left, one, window),
      label: one.label,
    }));
  }
  if (typeof left === 'number' && typeof right === 'number') return apply(left, right);
  return pair(apply, left, right, window);
}

function pair(
  apply: (a: number, b: number) => number,
  left: TimeSeries | number,
  right: TimeSeries | number,
  window: Window,
): TimeSeries {
  const label =
    typeof left !== 'number' ? left.label : typeof right !== 'number' ? right.label : '';
  const values = new Float64Array(window.count);
  const bothSeries = typeof left !== 'number' && typeof right !== 'number';
  for (let index = 0; index < window.count; index += 1) {
    const a = typeof left === 'number' ? left : (left.values[index] ?? Number.NaN);
    const b = typeof right === 'number' ? right : (right.values[index] ?? Number.NaN);
    // A value that is not a number is not equal to itself.
    const isMissing = bothSeries ? a !== a && b !== b : a !== a || b !== b;
    values[index] = isMissing ? Number.NaN : apply(a === a ? a : 0, b === b ? b : 0);
  }
  return { label, values };
}
