from django.db import migrations, models

import organisations.tenancy


class Migration(migrations.Migration):
    """A notice becomes a notification. Names alone change."""

    dependencies = [
        ("notifications", "0006_invitation_letters"),
    ]

    operations = [
        migrations.RenameModel("Notice", "Notification"),
        migrations.AlterField(
            model_name="notification",
            name="event",
            field=organisations.tenancy.TenantForeignKey(
                db_constraint=False,
                on_delete=models.deletion.PROTECT,
                related_name="notifications",
                to="notifications.event",
            ),
        ),
        migrations.AlterField(
            model_name="notification",
            name="member",
            field=organisations.tenancy.TenantForeignKey(
                db_constraint=False,
                on_delete=models.deletion.PROTECT,
                related_name="notifications",
                to="organisations.membership",
            ),
        ),
        migrations.RenameIndex("notification", new_name="notification_inbox", old_name="notice_inbox"),
        migrations.RenameIndex("notification", new_name="notification_to_send", old_name="notice_to_send"),
        migrations.RenameIndex("notification", new_name="notification_sent", old_name="notice_sent"),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE notifications_notification RENAME CONSTRAINT notice_once TO notification_once",
                    "ALTER TABLE notifications_notification RENAME CONSTRAINT notification_once TO notice_once",
                )
            ],
            state_operations=[
                migrations.RemoveConstraint("notification", "notice_once"),
                migrations.AddConstraint(
                    "notification",
                    models.UniqueConstraint(fields=["organisation", "event", "member"], name="notification_once"),
                ),
            ],
        ),
    ]
