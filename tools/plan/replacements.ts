// Which changes replace a resource, and which resources hold data that a replacement loses.
// Source: the pages of the AWS provider's resources ("Forces new resource").

/**
 * Properties by type that can't be changed in place. `vpcId>ec2/vpc:Vpc` also says what the property
 * refers to: when that is replaced, this is too. Every resource is replaced when its region changes.
 */
const FIXED: Readonly<Record<string, string>> = {
  'acm/certificate:Certificate': 'domainName validationMethod subjectAlternativeNames keyAlgorithm',
  'acm/certificateValidation:CertificateValidation':
    'certificateArn>acm/certificate:Certificate validationRecordFqdns',
  'apigatewayv2/api:Api': 'protocolType',
  'apigatewayv2/integration:Integration': 'apiId>apigatewayv2/api:Api integrationType',
  'apigatewayv2/route:Route': 'apiId>apigatewayv2/api:Api',
  'apigatewayv2/stage:Stage': 'apiId>apigatewayv2/api:Api name',
  'appautoscaling/policy:Policy':
    'name resourceId>ecs/service:Service scalableDimension serviceNamespace',
  'appautoscaling/target:Target':
    'resourceId>ecs/service:Service scalableDimension serviceNamespace',
  'cloudfront/monitoringSubscription:MonitoringSubscription':
    'distributionId>cloudfront/distribution:Distribution',
  'cloudfront/responseHeadersPolicy:ResponseHeadersPolicy': 'name',
  'cloudwatch/compositeAlarm:CompositeAlarm': 'alarmName',
  'cloudwatch/dashboard:Dashboard': 'dashboardName',
  'cloudwatch/logDelivery:LogDelivery': 'deliveryDestinationArn deliverySourceName',
  'cloudwatch/logDeliveryDestination:LogDeliveryDestination': 'name',
  'cloudwatch/logDeliverySource:LogDeliverySource': 'name logType resourceArn',
  'cloudwatch/logGroup:LogGroup': 'name logGroupClass',
  'cloudwatch/metricAlarm:MetricAlarm': 'name',
  'dynamodb/table:Table': 'name hashKey rangeKey localSecondaryIndexes',
  'ec2/eip:Eip': 'domain',
  'ec2/flowLog:FlowLog':
    'vpcId>ec2/vpc:Vpc trafficType logDestination logDestinationType iamRoleArn maxAggregationInterval logFormat',
  'ec2/internetGateway:InternetGateway': '',
  'ec2/natGateway:NatGateway': 'subnetId>ec2/subnet:Subnet allocationId connectivityType',
  'ec2/route:Route': 'routeTableId>ec2/routeTable:RouteTable destinationCidrBlock',
  'ec2/routeTable:RouteTable': 'vpcId>ec2/vpc:Vpc',
  'ec2/routeTableAssociation:RouteTableAssociation': 'subnetId>ec2/subnet:Subnet',
  'ec2/securityGroup:SecurityGroup': 'vpcId>ec2/vpc:Vpc name description',
  'ec2/subnet:Subnet': 'vpcId>ec2/vpc:Vpc availabilityZone cidrBlock',
  'ec2/vpc:Vpc': 'cidrBlock instanceTenancy',
  'ec2/vpcEndpoint:VpcEndpoint': 'vpcId>ec2/vpc:Vpc serviceName vpcEndpointType',
  'ecr/lifecyclePolicy:LifecyclePolicy': 'repository>ecr/repository:Repository',
  'ecr/repository:Repository': 'name encryptionConfigurations',
  'ecs/cluster:Cluster': 'name',
  'ecs/service:Service': 'name cluster>ecs/cluster:Cluster launchType schedulingStrategy',
  'ecs/taskDefinition:TaskDefinition':
    'family containerDefinitions cpu memory networkMode requiresCompatibilities runtimePlatform taskRoleArn executionRoleArn volumes',
  'iam/role:Role': 'name path',
  'iam/rolePolicy:RolePolicy': 'name role>iam/role:Role',
  'iam/rolePolicyAttachment:RolePolicyAttachment': 'role>iam/role:Role policyArn',
  'kms/key:Key': 'customerMasterKeySpec keyUsage multiRegion',
  'kms/replicaKey:ReplicaKey': 'primaryKeyArn>kms/key:Key',
  'lambda/function:Function': 'name packageType',
  'lambda/permission:Permission':
    'function>lambda/function:Function action principal sourceArn statementId',
  'lb/listener:Listener': 'loadBalancerArn>lb/loadBalancer:LoadBalancer',
  // Priority is changed in place, and what it forwards to: but for groups that are replaced.
  'lb/listenerRule:ListenerRule':
    'listenerArn>lb/listener:Listener replacementTrigger>lb/targetGroup:TargetGroup',
  'lb/loadBalancer:LoadBalancer': 'name internal loadBalancerType',
  'lb/targetGroup:TargetGroup': 'name port protocol vpcId>ec2/vpc:Vpc targetType ipAddressType',
  'route53/record:Record': 'zoneId name type',
  's3/bucket:Bucket': 'bucket bucketPrefix objectLockEnabled',
  's3/bucketLifecycleConfiguration:BucketLifecycleConfiguration': 'bucket>s3/bucket:Bucket',
  's3/bucketOwnershipControls:BucketOwnershipControls': 'bucket>s3/bucket:Bucket',
  's3/bucketPolicy:BucketPolicy': 'bucket>s3/bucket:Bucket',
  's3/bucketPublicAccessBlock:BucketPublicAccessBlock': 'bucket>s3/bucket:Bucket',
  's3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration':
    'bucket>s3/bucket:Bucket',
  's3/bucketVersioning:BucketVersioning': 'bucket>s3/bucket:Bucket',
  'secretsmanager/secret:Secret': 'name',
  'secretsmanager/secretVersion:SecretVersion':
    'secretId>secretsmanager/secret:Secret secretString',
  'sns/topic:Topic': 'name fifoTopic',
  'sns/topicPolicy:TopicPolicy': 'arn>sns/topic:Topic',
  'sns/topicSubscription:TopicSubscription': 'topic>sns/topic:Topic endpoint protocol',
  'vpc/securityGroupEgressRule:SecurityGroupEgressRule':
    'securityGroupId>ec2/securityGroup:SecurityGroup',
  'vpc/securityGroupIngressRule:SecurityGroupIngressRule':
    'securityGroupId>ec2/securityGroup:SecurityGroup',
  'wafv2/ipSet:IpSet': 'name scope ipAddressVersion',
  'wafv2/webAcl:WebAcl': 'name scope',
  'wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration': 'resourceArn>wafv2/webAcl:WebAcl',
};

/** What a type holds that is gone with it. */
const DATA: Readonly<Record<string, string>> = {
  'aws:cloudwatch/logGroup:LogGroup': 'its log lines',
  'aws:dynamodb/table:Table': 'its items',
  'aws:ecr/repository:Repository': 'its images',
  'aws:kms/key:Key': 'everything that is encrypted under it',
  'aws:s3/bucket:Bucket': 'its objects',
  'aws:secretsmanager/secret:Secret': 'its value',
};

/** What is lost when a resource of this type goes, or undefined when it holds nothing. */
export function dataOf(type: string): string | undefined {
  return DATA[type];
}

/** Properties that replace a resource of this type when they change. */
export function fixedProperties(type: string): readonly string[] {
  return ['region', ...entries(type).map(([property]) => property)];
}

/** The property by which a resource of this type is bound to one of another, if it is. */
export function boundBy(type: string, other: string): string | undefined {
  return entries(type).find(([, target]) => target !== undefined && other === `aws:${target}`)?.[0];
}

function entries(type: string): [property: string, target: string | undefined][] {
  return (FIXED[type.replace(/^aws:/, '')] ?? '')
    .split(' ')
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [property = '', target] = entry.split('>');
      return [property, target];
    });
}
