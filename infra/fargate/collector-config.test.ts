import { SEARCHABLE_ATTRIBUTES, SERVICE_METRICS } from '../../contracts/metrics';
import { collectorConfig } from './collector-config';

interface Config {
  exporters: {
    awsxray: { indexed_attributes: string[] };
    awsemf: {
      log_stream_name: string;
      metric_declarations: { dimensions: string[][]; metric_name_selectors: string[] }[];
    };
  };
  processors: Record<string, object>;
  service: { pipelines: Record<string, { processors: string[] }> };
}

describe('collectorConfig', () => {
  const { exporters, processors, service } = JSON.parse(
    collectorConfig({ stack: 'dev', region: 'eu-central-1', metricsLogGroup: 'metrics' }),
  ) as Config;

  it('declares every metric of the service with each of its sets of dimensions', () => {
    for (const { name, dimensions } of Object.values(SERVICE_METRICS)) {
      const declared = exporters.awsemf.metric_declarations.filter(({ metric_name_selectors }) =>
        metric_name_selectors.some((selector) => new RegExp(selector).test(name)),
      );
      expect(declared).toHaveLength(1);
      expect(declared[0]?.dimensions).toContainEqual(dimensions);
    }
  });

  it('lets traces be searched by route and by key', () => {
    expect(exporters.awsxray.indexed_attributes).toEqual(Object.values(SEARCHABLE_ATTRIBUTES));
  });

  it('passes everything through processors that are configured', () => {
    for (const pipeline of Object.values(service.pipelines)) {
      expect(Object.keys(processors)).toEqual(expect.arrayContaining(pipeline.processors));
    }
  });
});
