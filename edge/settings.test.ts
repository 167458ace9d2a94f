// Settings are checked before they become constants that nobody can change at the edge.
import { resolveEdgeSettings } from './settings';
import { edgeSettings, RULES } from './testing/settings';

const SETTINGS = edgeSettings();

describe('resolveEdgeSettings', () => {
  it('fills in the defaults, and works out the routes', () => {
    const { routes, ...rest } = resolveEdgeSettings({ ...SETTINGS, cacheSeconds: undefined });
    expect(rest).toEqual({
      ...SETTINGS,
      cacheSeconds: 30,
      graceSeconds: 300,
      lookupTimeoutMs: 1500,
      corsOrigins: [],
      perKeyMetrics: true,
      traceSampling: 0,
    });
    expect(routes['us-west-2']).toEqual([1, 0]);
  });

  it('keeps what is given', () => {
    const given = {
      ...SETTINGS,
      errors: 'problem' as const,
      cacheSeconds: 0,
      graceSeconds: 0,
      lookupTimeoutMs: 50,
      corsOrigins: ['https://app.example.com', 'http://localhost:3000', '*'],
      perKeyMetrics: false,
      traceSampling: 0.05,
    };
    expect(resolveEdgeSettings(given)).toMatchObject(given);
  });

  it.each<[string, unknown, RegExp]>([
    ['stack', '', /stack is "", expected the name/],
    ['environment', 'My-Dev', /environment is "My-Dev", expected a lower-case letter/],
    ['traceSampling', 2, /traceSampling is 2, expected a number from 0 to 1/],
    ['environment', 7, /environment is 7/],
    ['keysTable', 'a b', /keysTable is "a b", expected the name of a DynamoDB table/],
    ['regions', ['frankfurt'], /regions\[0\] is "frankfurt", expected an AWS region/],
    ['regions', 'eu-central-1', /regions is "eu-central-1"/],
    ['regions', [], /regions is \[\]/],
    ['cacheSeconds', -1, /cacheSeconds is -1, expected a whole number 0-300/],
    ['cacheSeconds', 301, /cacheSeconds is 301/],
    ['cacheSeconds', '30', /cacheSeconds is "30"/],
    ['graceSeconds', 1.5, /graceSeconds is 1.5/],
    ['lookupTimeoutMs', 5000, /lookupTimeoutMs is 5000, expected a whole number 50-2000/],
    [
      'corsOrigins',
      ['app.example.com'],
      /corsOrigins\[0\] is "app.example.com", expected an origin/,
    ],
    ['rules', [], /rules is \[\], expected a rule at least/],
    ['rules', [{ methods: ['GET'], path: '/a' }], /rules\[0\] is .* expected either a scope/],
    ['rules', [{ ...RULES[0], methods: ['TRACE'] }], /rules\[0\].methods\[0\] is "TRACE"/],
    ['errors', 'html', /errors is "html", expected problem or json-api/],
    ['perKeyMetrics', 'yes', /perKeyMetrics is "yes", expected true or false/],
    ['cacheSecond', 30, /cacheSecond is no setting. Did you mean cacheSeconds\?/],
  ])('refuses %s = %j', (name, value, message) => {
    expect(() => resolveEdgeSettings({ ...SETTINGS, [name]: value })).toThrow(message);
  });

  it('refuses what is no settings at all', () => {
    expect(() => resolveEdgeSettings(null as never)).toThrow('the settings of an edge function');
  });

  it('lists every problem at once', () => {
    const wrong = { ...SETTINGS, stack: '', regions: [], cacheSeconds: -1 };
    expect(() => resolveEdgeSettings(wrong)).toThrow(/stack[^]*regions[^]*cacheSeconds/);
  });
});
