from django.db import migrations
from django.db.models import Count, OuterRef, Subquery


def count_events(apps, schema_editor):
    """The column as it was: the number of the newest event."""
    verifications = apps.get_model("verifications", "Verification").objects
    events = apps.get_model("verifications", "VerificationEvent").objects.order_by()
    own = events.filter(verification=OuterRef("pk")).values("verification")
    verifications.filter(pk__in=events.values("verification")).update(
        event_sequence=Subquery(own.annotate(count=Count("pk")).values("count"))
    )


class Migration(migrations.Migration):

    dependencies = [
        ("verifications", "0006_no_cancel_call"),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, count_events),
        migrations.RemoveField(
            model_name="verification",
            name="event_sequence",
        ),
    ]
