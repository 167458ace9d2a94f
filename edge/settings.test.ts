// Settings are checked before they become constants that nobody can change at the edge.
import { EDGE_DEFAULTS, resolveEdgeSettings, type EdgeSettings } from './settings';

const SETTINGS: EdgeSettings = {
  stack: 'dev',
  environment: 'dev',
  keysTable: 'gatehouse-keys-1234567',
  regions: ['eu-central-1'],
};

describe('resolveEdgeSettings', () => {
  it('fills in the defaults', () => {
    expect(resolveEdgeSettings({ ...SETTINGS, cacheSeconds: undefined })).toEqual({
      ...EDGE_DEFAULTS,
      ...SETTINGS,
      routes: {},
    });
  });

  it('keeps what is given, and works out the routes', () => {
    const given = {
      ...SETTINGS,
      regions: ['eu-central-1', 'us-east-1'],
      cacheSeconds: 5,
      healthPath: '/healthz',
      corsOrigins: ['https://app.example.com', 'http://localhost:3000', '*'],
      perKeyMetrics: false,
    };
    const { routes, ...rest } = resolveEdgeSettings(given);
    expect(rest).toEqual({ ...EDGE_DEFAULTS, ...given });
    expect(routes['us-west-2']).toEqual([1, 0]);
  });

  it.each<[string, unknown, RegExp]>([
    ['stack', '', /stack is "", expected the name/],
    ['environment', 'My-Dev', /environment is "My-Dev", expected a lower-case letter/],
    ['environment', 7, /environment is 7/],
    ['keysTable', 'a b', /keysTable is "a b", expected the name of a DynamoDB table/],
    ['regions', ['frankfurt'], /regions is \["frankfurt"\], expected AWS regions/],
    ['regions', 'eu-central-1', /regions is "eu-central-1"/],
    ['regions', [], /regions is \[\]/],
    ['cacheSeconds', -1, /cacheSeconds is -1, expected a whole number 0-3600/],
    ['cacheSeconds', '30', /cacheSeconds is "30"/],
    ['graceSeconds', 1.5, /graceSeconds is 1.5/],
    ['lookupTimeoutMs', 5000, /lookupTimeoutMs is 5000, expected a whole number 50-2000/],
    ['cacheEntries', 1_000_000, /cacheEntries is 1000000/],
    ['healthPath', 'healthz', /healthPath is "healthz", expected a plain path/],
    ['healthPath', '/../x', /healthPath is/],
    ['healthPath', 7, /healthPath is 7/],
    ['corsOrigins', ['app.example.com'], /corsOrigins is \["app.example.com"\]/],
    ['perKeyMetrics', 'yes', /perKeyMetrics is "yes", expected true or false/],
    ['cacheSecond', 30, /cacheSecond is no setting, expected one of stack, environment/],
  ])('refuses %s = %j', (name, value, message) => {
    expect(() => resolveEdgeSettings({ ...SETTINGS, [name]: value })).toThrow(message);
  });

  it('lists every problem at once', () => {
    const wrong = { ...SETTINGS, stack: '', regions: [], cacheSeconds: -1 };
    expect(() => resolveEdgeSettings(wrong)).toThrow(/stack[^]*regions[^]*cacheSeconds/);
  });
});
