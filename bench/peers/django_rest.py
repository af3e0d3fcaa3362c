"""Django REST framework, serving `plain.db` in the current folder.

Times stay text, as in Leadbook: parsing them would make this peer slower.
"""

import uuid
from datetime import UTC, datetime

import django
from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["localhost", "127.0.0.1"],
    SECRET_KEY="only for the bench",  # noqa: S106  # it signs nothing
    ROOT_URLCONF=__name__,
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    INSTALLED_APPS=["rest_framework"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": "plain.db",
            "CONN_MAX_AGE": None,
            "OPTIONS": {"init_command": "PRAGMA synchronous = FULL"},
        }
    },
    REST_FRAMEWORK={
        # No accounts and only JSON, like the others.
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "UNAUTHENTICATED_USER": None,
        "DEFAULT_PERMISSION_CLASSES": [],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    },
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402  # needs the settings
from django.db import models  # noqa: E402  # the same
from rest_framework import pagination, routers, serializers, viewsets  # noqa: E402  # the same


def _id() -> str:
    return str(uuid.uuid4())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Lead(models.Model):
    """A lead."""

    id = models.TextField(primary_key=True, default=_id, editable=False)
    name = models.CharField(max_length=200)
    email = models.CharField(max_length=254)
    phone = models.CharField(max_length=50, null=True, blank=True)
    company = models.CharField(max_length=200, null=True, blank=True)
    source = models.CharField(max_length=50, null=True, blank=True)
    notes = models.TextField(max_length=10_000, null=True, blank=True)
    status = models.CharField(max_length=20, default="new")
    score = models.IntegerField(default=0)
    clientId = models.TextField(null=True, editable=False)
    convertedAt = models.TextField(null=True, editable=False)
    version = models.IntegerField(default=1, editable=False)
    createdAt = models.TextField(default=_now, editable=False)
    updatedAt = models.TextField(default=_now, editable=False)

    class Meta:
        app_label = "bench"
        db_table = "leads"
        managed = False


class LeadSerializer(serializers.ModelSerializer):
    """A lead as JSON."""

    class Meta:
        model = Lead
        fields = "__all__"


class Pages(pagination.PageNumberPagination):
    """Pages with a size that the caller chooses."""

    page_size = 20
    page_size_query_param = "limit"
    max_page_size = 100


class LeadViews(viewsets.ModelViewSet):
    """The calls under /leads."""

    queryset = Lead.objects.order_by("-createdAt", "-id")
    serializer_class = LeadSerializer
    pagination_class = Pages


router = routers.SimpleRouter(trailing_slash=False)
router.register("leads", LeadViews)
urlpatterns = router.urls
application = get_wsgi_application()
