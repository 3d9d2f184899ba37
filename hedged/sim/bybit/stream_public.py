"""The public websockets: /v5/public/spot, /v5/public/inverse, /v5/public/linear."""

from collections.abc import Collection

from hedged.sim.bybit.stream_session import Request, SubscribingSession, topics_of, unknown_topic
from hedged.sim.bybit.stream_topics import Topic, topic_of
from hedged.sim.dialect import Message
from hedged.sim.exchange import Exchange
from hedged.sim.hub import News
from hedged.sim.instruments import Kind
from hedged.sim.orders import RefusedError


class PublicSession(SubscribingSession):
    """A connection for the market data of one kind of instrument."""

    def __init__(self, exchange: Exchange, connection: str, kind: Kind) -> None:
        super().__init__(exchange, connection)
        self._kind = kind
        self._topics: dict[str, Topic] = {}

    @property
    def is_public(self) -> bool:
        """It carries market data only."""
        return True

    @property
    def topics(self) -> Collection[str]:
        """What it is subscribed to."""
        return self._topics

    def subscribe(self, request: Request, now_ms: int) -> None:
        """Begin to send topics, each with a snapshot first."""
        del now_ms
        found = {name: self._topic(name) for name in topics_of(request)}
        self._topics |= found
        self.acknowledge(request, "subscribe" if self._kind is Kind.SPOT else "")

    def _topic(self, name: str) -> Topic:
        try:
            market = self.exchange.market(name.rpartition(".")[2], self._kind)
        except RefusedError:
            raise unknown_topic(name) from None
        topic = topic_of(self.exchange, market, name)
        if topic is None:
            raise unknown_topic(name)
        return topic

    def unsubscribe(self, request: Request, now_ms: int) -> None:
        """Stop sending topics."""
        del now_ms
        for name in topics_of(request):
            self._topics.pop(name, None)
        self.acknowledge(request, "")

    def hear(self, news: News) -> None:
        """Let the topics take notice."""
        for topic in self._topics.values():
            topic.hear(news)

    def news(self, now_ms: int) -> list[Message]:
        """Return what has changed in all topics."""
        return [message for topic in self._topics.values() for message in topic.news(now_ms)]
