import type { Element } from '../traffic.ts'
import { writeLink } from './campaigns.ts'
import type { Delivery, ShopEvent } from './delivery.ts'

/** An element of a body, with what really happened. */
export type ShopElement = Element & { event: ShopEvent }

/** An event as Yespo sends it. */
export function toElement(event: ShopEvent): ShopElement {
  const { delivery, status, at, link, fault, subscriptions } = event
  const { iid, contact } = delivery
  const isOnDevice = status === 'READ' || status === 'CLICKED'
  const sent = {
    ...describeDelivery(delivery),
    activityStatus: status,
    activityDateTime: new Date(at).toISOString().slice(0, 19),
    ...(link && { clickEventLink: writeLink(link, iid.slice(0, 8)) }),
    ...(fault && { hardBounce: fault.isHard, statusDescription: fault.text }),
    ...(subscriptions && { subscriptions }),
    ...(isOnDevice && event.doer === 'person' && contact.device),
  }
  const bytes = Buffer.from(JSON.stringify(sent))
  return { status, bytes, isPoison: false, event }
}

function describeDelivery({ iid, contact, campaign, launch }: Delivery): object {
  const { message, messageInstanceId, broadcastId, block } = campaign
  const { channel, messageId, messageName, messageTag, from, isTranslated } = message
  const address = channel === 'viber' ? 'sms' : channel
  const { contactId, externalCustomerId, addresses } = contact
  // What is undefined is left out.
  return {
    iid,
    contactId,
    externalCustomerId,
    [address]: addresses[address],
    mediaType: channel,
    messageId,
    messageInstanceId,
    messageName,
    messageTag,
    messageLanguageCode: isTranslated ? contact.language : undefined,
    from,
    broadcastId,
    ...block,
    ...(launch && {
      workflowInstanceId: launch.workflowInstanceId,
      sourceEventKey: launch.sourceEventKey,
      sourceEventId: launch.sourceEventId,
    }),
    ...(channel === 'email' && { viewMessageLink: `https://view.example.com/${iid.slice(0, 8)}` }),
    ...(channel === 'mobilepush' && { bundleId: 'com.example.shop', imId: contactId }),
  }
}
